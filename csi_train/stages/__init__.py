"""The stages of a run, each a module with `main(run) -> dict`: reads the files of the stages before, writes its own."""
