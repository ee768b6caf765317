"""CoT-Self-Instruct, end to end: seeds → generate → sample → filter → train → evaluate → compare."""

__version__ = "0.1.0"
