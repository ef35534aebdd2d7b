"""Trains the small files that go with the demo checkpoint: a VAE, a LoRA, an embedding and a hypernetwork."""
