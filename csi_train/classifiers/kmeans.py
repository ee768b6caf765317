"""k-means on what a model makes of the seeds: as many categories as the recipe says, called `cluster 1`, `cluster 2` …

A seed is embedded as the mean of the model's last hidden states over its tokens, scaled to length 1. One at a time:
padding would change the figures, and the same seeds are to give the same clusters.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from csi_train.adapters import models
from csi_train.errors import EngineError, RecipeError
from csi_train.parts import Strict
from csi_train.progress import Progress
from csi_train.records import Classified, Seed
from csi_train.run import Run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STARTS = 10
"""How often k-means starts afresh; the best result counts."""
LONGEST = 512
"""Tokens of a seed that are embedded, its beginning: as many as small embedding models take."""


class Params(Strict):
    """`model`: a folder or a hub id, loaded here through transformers. `clusters`: how many categories."""

    type: Literal["kmeans"] = "kmeans"
    model: str
    clusters: Annotated[int, Field(ge=2)] = 8


def classify(seeds: Sequence[Seed], params: Params, run: Run) -> list[Classified]:
    """The cluster of each seed and the distance from its centre.

    Raises RecipeError where there are more clusters than different seeds, EngineError where the model cannot embed.
    """
    different = len({seed.question for seed in seeds})
    if different < params.clusters:
        problem = f"classify.clusters: {params.clusters}, but there are {different} different seeds"
        raise RecipeError(problem, "lower classify.clusters, or give more seeds")
    from sklearn.cluster import KMeans

    points = embed(
        [seed.question for seed in seeds], params.model, Progress(run.folder / "classify", len(seeds), "seeds")
    )
    found = KMeans(params.clusters, n_init=STARTS, random_state=run.recipe.seed).fit(points)
    return [
        Classified(
            seed=seed.id,
            question=seed.question,
            category=f"cluster {number + 1}",
            how={"distance": round(float(distances[number]), 6)},
        )
        for seed, number, distances in zip(seeds, found.labels_, found.transform(points), strict=True)
    ]


def embed(texts: Sequence[str], model: str, progress: Progress) -> "NDArray[np.float64]":
    """One row of length 1 for each text; raises EngineError where the model gives no numbers."""
    import numpy as np

    rows = []
    for row in _means(texts, model):
        rows.append(row / np.linalg.norm(row))
        progress.advance()
    found = np.array(rows)
    if not np.isfinite(found).all():
        broken = np.flatnonzero(~np.isfinite(found).all(axis=1))
        raise EngineError(
            f"{model} embeds {len(broken)} of {len(texts)} seeds as no numbers, such as {texts[broken[0]][:80]!r}",
            "name another model as classify.model, or take those seeds out",
        )
    return found


def _means(texts: Sequence[str], name: str) -> Iterator["NDArray[np.float64]"]:
    import torch
    from transformers import AutoModel, AutoTokenizer

    folder = models.resolve(name)
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    model = models.pretrained(AutoModel, folder, "name a whole model", spare=["pooler."])  # means are no pooler's work
    longest = min(LONGEST, model.config.max_position_embeddings)
    with torch.inference_mode():
        for text in texts:
            ids = tokenizer(text, truncation=True, max_length=longest, return_tensors="pt")["input_ids"]
            hidden = model(ids.to(model.device)).last_hidden_state
            yield hidden[0].double().mean(dim=0).cpu().numpy()
