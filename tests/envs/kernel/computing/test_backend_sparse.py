"""A matrix that is well filled is multiplied as a dense one, with the same result."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse

from envs.kernel.computing.backend import DENSE_FROM, SparseMatrix


@pytest.mark.parametrize("share", [0.5 * DENSE_FROM, 2.0 * DENSE_FROM])
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 1e-5)])
def test_products_are_those_of_the_dense_matrix(share: float, dtype: str, rtol: float) -> None:
    matrix = sparse.random_array((30, 20), density=share, format="csr", rng=1)
    dense = np.random.default_rng(2).random((20, 5)).astype(dtype)
    product, wanted = SparseMatrix(matrix).product(dense), matrix.toarray() @ dense
    assert product.dtype == dtype
    np.testing.assert_allclose(product, wanted, rtol=rtol)
    on_torch = SparseMatrix(matrix).product(torch.as_tensor(dense))
    np.testing.assert_allclose(on_torch.numpy(), wanted, rtol=rtol)
    assert isinstance(SparseMatrix(matrix)._as(np.dtype(dtype)), np.ndarray) is (share > DENSE_FROM)
