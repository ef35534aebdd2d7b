"""The menu of Generate: generate again and again until it is told to stop. It is all in the extension's script."""
