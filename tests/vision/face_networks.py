"""Small real ONNX networks: one that makes a vector of a face, and some that do not."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def network(
    *nodes: Any, weights: dict[str, np.ndarray] | None = None, outputs: dict[str, list[int]] | None = None
) -> bytes:
    given = [numpy_helper.from_array(value, name) for name, value in (weights or {}).items()]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 112, 112])
    shapes = outputs or {"face": [1, 1024]}
    made = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    graph = helper.make_graph(list(nodes), "face", [picture], made, given)
    imports = [helper.make_opsetid("", 13), helper.make_opsetid("town.a", 1)]
    return bytes(helper.make_model(graph, opset_imports=imports, ir_version=8).SerializeToString())


def patches(length: int = 64) -> tuple[Any, dict[str, np.ndarray]]:
    weights = np.random.default_rng(0).normal(size=(length, 3, 28, 28)).astype(np.float32)
    return helper.make_node("Conv", ["picture", "weights"], ["maps"], strides=[28, 28]), {"weights": weights}


def vector_network() -> bytes:
    convolution, weights = patches()
    return network(convolution, helper.make_node("Flatten", ["maps"], ["face"]), weights=weights)


def two_outputs() -> bytes:
    convolution, weights = patches()
    flat, shape = helper.make_node("Flatten", ["maps"], ["face"]), helper.make_node("Relu", ["maps"], ["other"])
    return network(convolution, flat, shape, weights=weights, outputs={"face": [1, 1024], "other": [1, 64, 4, 4]})


def map_network() -> bytes:
    convolution, weights = patches()
    return network(
        convolution, helper.make_node("Relu", ["maps"], ["face"]), weights=weights, outputs={"face": [1, 64, 4, 4]}
    )


def short_vector() -> bytes:
    convolution, weights = patches(2)
    pool = helper.make_node("GlobalAveragePool", ["maps"], ["pooled"])
    return network(
        convolution, pool, helper.make_node("Flatten", ["pooled"], ["face"]), weights=weights, outputs={"face": [1, 2]}
    )


def blind_network() -> bytes:
    convolution, weights = patches()
    zero = {"weights": weights["weights"] * 0, "bias": np.ones(64, dtype=np.float32)}
    convolution.input.append("bias")
    return network(convolution, helper.make_node("Flatten", ["maps"], ["face"]), weights=zero)


def custom_network() -> bytes:
    convolution, weights = patches()
    return network(convolution, helper.make_node("Recognise", ["maps"], ["face"], domain="town.a"), weights=weights)
