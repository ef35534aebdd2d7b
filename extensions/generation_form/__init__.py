"""The controls that the tabs which draw pictures share: other extensions draw them with ``extensions.generation_form.api``."""
