"""What the README claims about speed and correctness, as commands anyone can run."""
