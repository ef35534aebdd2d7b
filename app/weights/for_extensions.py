"""What the public API offers of model files; re-exports only."""

from app.weights.convert import convert_to_safetensors as convert_to_safetensors
from app.weights.hashing import hash_file as hash_file
from app.weights.headers import read_header as read_header
from app.weights.names import natural_key as natural_key
from app.weights.tensors import load_tensors as load_tensors
from app.weights.tensors import load_tree as load_tree
