"""Computes likelihoods and log p(x, h) of a generative model again, from files alone.

    stdp-webgpu generative sample MODEL --count 10000 --out SAMPLES
    stdp-webgpu generative likelihood MODEL --data MNIST --dump DUMP
    python3 bench/baselines/likelihood.py SAMPLES DUMP MNIST

Prints, as JSON: Parzen likelihoods of the test images under both kinds of samples at sigma 0.2, with their standard
errors (nats), and log p(x, h) of the images in the dump before and after INFERENCE, with the share of images for which
it rises. Nothing of the project's code is used.
"""

import gzip
import json
import sys
from pathlib import Path

import numpy as np

SIGMA = 0.2


def test_images(folder):
    plain = Path(folder) / "t10k-images-idx3-ubyte"
    content = plain.read_bytes() if plain.exists() else gzip.open(f"{plain}.gz").read()
    return np.frombuffer(content, np.uint8, offset=16).reshape(-1, 28 * 28) / 255


def parzen(samples, images):
    """Mean and standard error over images of the log density of Gaussians around the samples."""
    squares = (samples**2).sum(1)
    found = []
    for start in range(0, len(images), 500):
        some = images[start : start + 500]
        distances = (some**2).sum(1)[:, None] + squares - 2 * some @ samples.T
        exponents = -distances / (2 * SIGMA**2)
        largest = exponents.max(1)
        found.append(largest + np.log(np.exp(exponents - largest[:, None]).mean(1)))
    values = np.concatenate(found) - samples.shape[1] / 2 * np.log(2 * np.pi * SIGMA**2)
    return {"mean": values.mean(), "se": values.std(ddof=1) / len(values) ** 0.5}


def log_joint(array, scale, name):
    """log p(x, h) without its constant: variances are 1, pixels sigmoid and hidden units softplus."""
    pixels, hidden, top = array("pixels"), array(f"{name}-1"), array(f"{name}-2")
    seen = 1 / (1 + np.exp(-(hidden @ array("decoder-1-weights") + array("decoder-1-biases"))))
    expected = scale * np.logaddexp(0, top @ array("decoder-2-weights") + array("decoder-2-biases"))
    return -((pixels - seen) ** 2).sum(1) / 2 - ((hidden - expected) ** 2).sum(1) / 2


def main(samples, dump, data):
    images = test_images(data)
    array = lambda name: np.load(Path(dump) / f"{name}.npy")
    scale = json.loads((Path(dump) / "about.json").read_text())["hiddenScale"]
    start, end = (log_joint(array, scale, name) for name in ("start", "end"))
    likelihoods = {name: parzen(np.load(Path(samples) / f"{name}.npy"), images) for name in ("chain", "directed")}
    joint = {"images": len(start), "start": start.mean(), "end": end.mean(), "rises": (end > start).mean()}
    print(json.dumps({**likelihoods, "log_joint": joint}, indent=2))


main(*sys.argv[1:4])
