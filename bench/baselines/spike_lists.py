"""STDP pairs in numpy, as a practised user writes them: spike lists and searchsorted, one sequence at a time.

Reads a line of JSON {"sequences", "steps", "trials", "window", "first_paired", "paired_steps", "seed"} from standard
input, then two arrays of little-endian uint32 spike probabilities in units of 2^-31, shape [sequences][steps]
(presynaptic, postsynaptic). After that, every line with a number of runs is answered with a line of JSON
{"seconds", "pairs"}: the time of those runs, and the pairs at distances -window ... window that they found.
"""

import json
import sys
import time

import numpy as np


def draw_spikes(random, thresholds, trials):
    """Spikes of all trials as one sorted list of places in the flattened array [trials][steps]."""
    steps = len(thresholds)
    # Raw words are the fastest uniform numbers that numpy has: two of 32 bits each.
    words = random.random_raw((trials * steps + 1) // 2).view(np.uint32)[: trials * steps]
    return np.flatnonzero(words.reshape(trials, steps) < thresholds)


def count_pairs(random, pre_thresholds, post_thresholds, job):
    """Pairs of one sequence by distance, under nearest-exclusive."""
    steps, trials, window = job["steps"], job["trials"], job["window"]
    pre = draw_spikes(random, pre_thresholds, trials)
    post = draw_spikes(random, post_thresholds, trials)
    trial, t = np.divmod(pre, steps)
    recorded = (t >= job["first_paired"]) & (t < job["first_paired"] + job["paired_steps"])
    # A gap of a window between trials keeps their spikes apart.
    pre = (pre + trial * window)[recorded]
    post = post + post // steps * window
    padded = np.concatenate(([-window - 1], post, [trials * (steps + window) + window + 1]))
    following = np.searchsorted(padded, pre)
    after = padded[following] - pre
    before = pre - padded[following - 1]
    has_after = after <= window
    has_before = before <= window
    paired = (after > 0) & (has_after != has_before)
    distance = np.where(has_after, after, -before)[paired]
    return np.bincount(distance + window, minlength=2 * window + 1)


def main():
    """Answers requests until standard input ends."""
    job = json.loads(sys.stdin.buffer.readline())
    shape = (job["sequences"], job["steps"])
    size = 4 * shape[0] * shape[1]
    read = lambda: np.frombuffer(sys.stdin.buffer.read(size), "<u4").reshape(shape)
    # A probability of 1 is 2^31, which doubled is one more than 32 bits hold.
    thresholds = [np.minimum(read().astype(np.uint64) * 2, 2**32 - 1).astype(np.uint32) for _ in range(2)]
    random = np.random.SFC64(job["seed"])
    print(json.dumps({"numpy": np.__version__, "python": sys.version.split()[0]}), flush=True)
    for line in sys.stdin.buffer:
        pairs = np.zeros(2 * job["window"] + 1, np.int64)
        started = time.perf_counter()
        for _ in range(int(line)):
            for pre, post in zip(*thresholds):
                pairs += count_pairs(random, pre, post, job)
        seconds = time.perf_counter() - started
        print(json.dumps({"seconds": seconds, "pairs": pairs.tolist()}), flush=True)


if __name__ == "__main__":
    main()
