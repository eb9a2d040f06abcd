"""Writes pandas.json: what pandas, NumPy, scikit-learn and SciPy say of the same data.

Run once with Debian 12's python3-pandas 1.5.3, python3-sklearn 1.2.1, python3-numpy and python3-scipy:

    /usr/bin/python3 make.py
"""
import json
import pathlib

import numpy as np
import pandas as pd
import scipy
import sklearn
from scipy.spatial.distance import jensenshannon
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import KBinsDiscretizer, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

rng = np.random.RandomState(7)
count = 200


def holes(values, every):
    return [None if i % every == 3 else v for i, v in enumerate(values)]


columns = {
    "normal": holes([round(float(v), 3) for v in rng.normal(40, 5, count)], 17),
    "skewed": holes([float(v) for v in rng.exponential(3.0, count)], 11),
    "tied": holes([float(v) for v in rng.randint(0, 4, count)], 13),
    "large": [float(1e9 + v) for v in rng.rand(count)],
    "constant": [0.1] * count,
    "negative": holes([float(-v) for v in rng.randint(0, 1000, count)], 7),
    "single": [2.5] + [None] * (count - 1),
    "island": holes([["Biscoe", "Dream", "Torgersen", "Ålesund"][int(v)] for v in rng.randint(0, 4, count)], 19),
    "tiedTexts": (["b", "a", "c", "a", "b", "c"] * count)[:198] + ["d", None],
}
frame = pd.DataFrame({name: pd.Series(values, dtype=float if not isinstance(next(v for v in values if v is not None), str) else object) for name, values in columns.items()})
numeric = [name for name in columns if frame[name].dtype == float]
categorical = [name for name in columns if name not in numeric]

described = {}
for name in numeric:
    series = frame[name].dropna()
    counts, edges = np.histogram(series, bins=20)
    described[name] = {
        "present": int(frame[name].count()),
        "missing": int(frame[name].isna().sum()),
        "mean": float(series.mean()),
        "deviation": None if len(series) < 2 else float(series.std()),
        "minimum": float(series.min()),
        "maximum": float(series.max()),
        "quantiles": {str(q): float(series.quantile(q)) for q in [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]},
        "zeros": int((series == 0).sum()),
        "distinct": int(series.nunique()),
        "histogram": {"edges": [float(e) for e in edges], "counts": [int(c) for c in counts]},
    }
for name in categorical:
    series = frame[name]
    described[name] = {
        "present": int(series.count()),
        "missing": int(series.isna().sum()),
        "distinct": int(series.nunique()),
        "counts": {str(value): int(n) for value, n in series.value_counts().items()},
    }


def column(name):
    return frame[[name]].to_numpy()


def numbers(values):
    return [None if np.isnan(v) else float(v) for v in np.asarray(values, dtype=float).ravel()]


transformed = {
    "standardise": {name: numbers(StandardScaler().fit_transform(column(name))) for name in numeric},
    "scale": {name: numbers(MinMaxScaler().fit_transform(column(name))) for name in numeric},
    "impute mean": {name: numbers(SimpleImputer(strategy="mean").fit_transform(column(name))) for name in numeric},
    "impute median": {name: numbers(SimpleImputer(strategy="median").fit_transform(column(name))) for name in numeric},
    "impute mostFrequent": {
        name: numbers(SimpleImputer(strategy="most_frequent").fit_transform(column(name))) for name in numeric
    },
    "quantiles 5": {
        name: numbers(KBinsDiscretizer(5, encode="ordinal", strategy="quantile").fit_transform(frame[[name]].dropna().to_numpy()))
        for name in ["normal", "skewed", "tied", "negative"]
    },
    "equalWidth 5": {
        name: numbers(KBinsDiscretizer(5, encode="ordinal", strategy="uniform").fit_transform(frame[[name]].dropna().to_numpy()))
        for name in ["normal", "skewed", "tied", "negative"]
    },
    "vocabulary": {name: numbers(OrdinalEncoder().fit_transform(frame[[name]].dropna().to_numpy())) for name in categorical},
    "oneHot": {
        name: OneHotEncoder(sparse_output=False).fit_transform(frame[[name]].dropna().to_numpy()).tolist()
        for name in categorical
    },
}
imputed = {
    name: SimpleImputer(strategy="most_frequent", missing_values=None).fit_transform(frame[[name]].where(frame[[name]].notna(), None).to_numpy()).ravel().tolist()
    for name in categorical
}

before, after = frame["island"][:120].dropna(), frame["island"][120:].dropna()
names = sorted(set(before) | set(after))
p = np.array([(before == n).mean() for n in names])
q = np.array([(after == n).mean() for n in names])
drift = {"island": {"jensenShannon": float(jensenshannon(p, q, base=2) ** 2), "lInfinity": float(np.abs(p - q).max())}}
before, after = frame["normal"][:120].dropna(), frame["normal"][120:].dropna() + 2
edges = np.unique(np.percentile(before, np.arange(10, 100, 10)))
p = np.bincount(np.digitize(before, edges), minlength=len(edges) + 1) / len(before)
q = np.bincount(np.digitize(after, edges), minlength=len(edges) + 1) / len(after)
drift["normal"] = {"jensenShannon": float(jensenshannon(p, q, base=2) ** 2), "lInfinity": float(np.abs(p - q).max())}

versions = {module.__name__: module.__version__ for module in (np, pd, sklearn, scipy)}
result = {"versions": versions, "columns": columns, "described": described, "transformed": transformed, "imputed": imputed, "drift": drift}
pathlib.Path(__file__).with_name("pandas.json").write_text(json.dumps(result, ensure_ascii=False) + "\n")
