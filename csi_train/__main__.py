"""`python -m csi_train` is `csi-train`."""

from csi_train.cli import main

if __name__ == "__main__":
    main()
