"""What draws the form with gradio."""
