"""Installing extensions: looking at them before they are trusted, putting them where they belong, and going back."""
