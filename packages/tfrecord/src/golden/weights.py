"""Draws again the numbers of which generate.py made the histogram in the event file. Run: python weights.py [SEED] > weights.json"""
import json, sys
import numpy as np
rng = np.random.default_rng(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
for n in range(6): rng.standard_normal(n); rng.integers(-10**9, 10**9)
rng.integers(0, 256, 70000, dtype="uint8")
print(json.dumps(rng.standard_normal(100).astype("float32").tolist()))
