"""Model files: headers, the index over the folders, hashes, tensors, and the cache of loaded models."""
