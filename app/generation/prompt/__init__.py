"""Prompts: attention grammar, tokens, chunks and emphasis."""
