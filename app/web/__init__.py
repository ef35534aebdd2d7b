"""The web process's face: pages, routes, files and who may use them; the only package that imports gradio and fastapi."""
