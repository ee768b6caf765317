"""k-means on a tiny random model: what a seed's row is, the same clusters every time, and clear refusals."""

import json
from pathlib import Path

import pytest

from csi_train import recipe_file
from csi_train.classifiers import kmeans
from csi_train.errors import EngineError, RecipeError
from csi_train.progress import Progress
from csi_train.records import Seed
from csi_train.run import Run

KIND = "LlamaForCausalLM"
TEXTS = ["a b", "a b c", "a", "g h", "h g h", "h", "a b b", "g g h"]
SEEDS = [Seed(id=f"s{n}", question=text) for n, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def folder(save):
    return save(KIND)


def embed(folder: Path, texts: list[str], scratch: Path):
    return kmeans.embed(texts, str(folder), Progress(scratch, len(texts), "seeds"))


def sort(folder: Path, scratch: Path, seeds: list[Seed] = SEEDS, clusters: int = 2, seed: int = 0):
    body = {
        "name": "r",
        "seed": seed,
        "runs": str(scratch),
        "seeds": {"path": "x.jsonl"},
        "generate": {"model": "m"},
        "classify": {"type": "kmeans", "model": str(folder), "clusters": clusters},
    }
    (scratch / "recipe.yaml").write_text(json.dumps(body))
    recipe = recipe_file.load(scratch / "recipe.yaml")
    return kmeans.classify(seeds, recipe.classify, Run(scratch / "r", recipe))


def test_a_row_is_the_mean_of_the_last_hidden_states_of_length_one(folder, words, tmp_path):
    import numpy as np
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder)
    with torch.no_grad():
        states = [
            model(words(text, return_tensors="pt")["input_ids"], output_hidden_states=True).hidden_states[-1][0]
            for text in TEXTS
        ]
    means = np.array([state.double().mean(0).numpy() for state in states])
    expected = means / np.linalg.norm(means, axis=1, keepdims=True)
    assert embed(folder, TEXTS, tmp_path) == pytest.approx(expected, abs=1e-6)


def test_a_long_seed_is_embedded_by_its_beginning(folder, tmp_path):
    long, longer, short = embed(folder, ["a b " * 40, "a b " * 40 + "h " * 900, "a b " * 20], tmp_path)
    assert long == pytest.approx(longer, abs=0)
    assert long != pytest.approx(short, abs=1e-6)


def test_alike_seeds_share_a_cluster_and_every_time_the_same_ones(folder, tmp_path):
    found = sort(folder, tmp_path, clusters=3)
    assert sort(folder, tmp_path, clusters=3) == found
    assert [row.seed for row in found] == [seed.id for seed in SEEDS]
    assert {row.category for row in found} == {"cluster 1", "cluster 2", "cluster 3"}
    twice = sort(folder, tmp_path, [*SEEDS, Seed(id="again", question="h")], clusters=3)
    assert twice[-1].category == twice[5].category
    assert all(0 <= row.how["distance"] < 2 for row in found)


def test_the_distance_is_that_from_the_centre_of_the_cluster(folder, tmp_path):
    import numpy as np

    rows, found = embed(folder, TEXTS, tmp_path), sort(folder, tmp_path)
    for name in ("cluster 1", "cluster 2"):
        members = [n for n, row in enumerate(found) if row.category == name]
        centre = rows[members].mean(axis=0)
        for n in members:
            assert found[n].how["distance"] == pytest.approx(float(np.linalg.norm(rows[n] - centre)), abs=1e-5)


def test_more_clusters_than_different_seeds(folder, tmp_path):
    few = [Seed(id=str(n), question=text) for n, text in enumerate("aabb")]
    with pytest.raises(RecipeError, match=r"classify.clusters: 3, but there are 2 different seeds\n.*lower"):
        sort(folder, tmp_path, few, clusters=3)


def test_a_model_that_gives_no_numbers(save, tmp_path):
    import torch

    folder = save(KIND, {"model.norm.weight": torch.full((16,), float("nan"))})
    with pytest.raises(EngineError, match="embeds 8 of 8 seeds as no numbers, such as 'a b'"):
        sort(folder, tmp_path)


def test_a_model_without_all_its_weights(save, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = save(KIND)
    weights = load_file(folder / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineError, match=r"lacks the weights norm\.weight"):
        sort(folder, tmp_path)
