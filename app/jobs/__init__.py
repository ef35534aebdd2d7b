"""Jobs: the queue and its journal in the web process, the main loop of the worker process, and what they say to each other."""
