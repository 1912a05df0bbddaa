"""What `index.train` wrote beside the adapter, read back with one plain error."""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from index.errors import WrongModel


def arrays(file: Path) -> dict[str, NDArray[np.generic]]:
    """
    Every array in *file*, by its name.

    Raises:
        WrongModel: it is missing or damaged.
    """
    try:
        with np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise WrongModel(
            f"{file}: cannot be read ({type(error).__name__}); install Staffroom again"
        ) from None
