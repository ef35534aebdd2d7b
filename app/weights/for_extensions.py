"""What the public API offers of model files; re-exports only."""

from app.weights.convert import convert_to_safetensors as convert_to_safetensors
from app.weights.file_names import LONGEST_NAME_BYTES as LONGEST_NAME_BYTES
from app.weights.file_names import name_problem as name_problem
from app.weights.file_names import name_taken as name_taken
from app.weights.file_names import without_forbidden as without_forbidden
from app.weights.hashing import OWN_HASHES as OWN_HASHES
from app.weights.hashing import RunningHashes as RunningHashes
from app.weights.hashing import hash_file as hash_file
from app.weights.headers import MAX_HEADER_BYTES as MAX_HEADER_BYTES
from app.weights.headers import read_header as read_header
from app.weights.names import natural_key as natural_key
from app.weights.new_file import new_model_file as new_model_file
from app.weights.new_file import take_in as take_in
from app.weights.notes_file import read_notes as read_notes
from app.weights.number_formats import FLOAT_FORMATS as FLOAT_FORMATS
from app.weights.number_formats import SAVED_FORMATS as SAVED_FORMATS
from app.weights.number_formats import narrowed as narrowed
from app.weights.number_formats import tensor_of_scales as tensor_of_scales
from app.weights.number_formats import torch_dtype as torch_dtype
from app.weights.safetensors_writer import WrittenModel as WrittenModel
from app.weights.safetensors_writer import tensor_bytes as tensor_bytes
from app.weights.safetensors_writer import write_safetensors as write_safetensors
from app.weights.tensor_reader import TensorReader as TensorReader
from app.weights.tensor_reader import open_tensors as open_tensors
from app.weights.tensors import load_tensors as load_tensors
from app.weights.tensors import load_tree as load_tree
