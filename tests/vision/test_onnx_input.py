"""The shape that an ONNX file is fed with, read without the library and compared with it."""

import onnx
import pytest
from face_networks import custom_network, two_outputs, vector_network

from services.vision.models import model_path
from services.vision.onnx_input import input_shape


def by_the_library(content: bytes) -> list[int]:
    graph = onnx.load_from_string(content).graph
    weights = {weight.name for weight in graph.initializer}
    fed = next(entry for entry in graph.input if entry.name not in weights)
    return [side.dim_value for side in fed.type.tensor_type.shape.dim]


@pytest.mark.parametrize("make", [vector_network, two_outputs, custom_network], ids=lambda make: make.__name__)
def test_it_is_what_the_library_reads(make) -> None:
    assert input_shape(make()) == by_the_library(make()) == [1, 3, 112, 112]


@pytest.mark.models
@pytest.mark.parametrize("model_id", ["sface", "yunet", "replay", "ocr-v4"])
def test_real_networks_say_what_the_library_reads(model_id: str) -> None:
    content = model_path(model_id).read_bytes()
    assert input_shape(content) == by_the_library(content)


def test_weights_that_are_listed_as_inputs_do_not_count() -> None:
    model = onnx.load_from_string(vector_network())
    weight = model.graph.initializer[0]
    model.graph.input.append(onnx.helper.make_tensor_value_info(weight.name, weight.data_type, weight.dims))
    assert input_shape(model.SerializeToString()) == [1, 3, 112, 112]


def test_a_free_side_is_0() -> None:
    model = onnx.load_from_string(vector_network())
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    assert input_shape(model.SerializeToString()) == [0, 3, 112, 112]


def test_two_inputs_are_no_picture() -> None:
    model = onnx.load_from_string(vector_network())
    model.graph.input.append(onnx.helper.make_tensor_value_info("other", onnx.TensorProto.FLOAT, [1]))
    assert input_shape(model.SerializeToString()) is None


@pytest.mark.parametrize("content", [b"\x07", b"\x3a\xff\x01", b"\xff" * 20, b"no network at all"], ids=repr)
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"message|number"):
        input_shape(content)


def test_an_empty_file_says_nothing() -> None:
    assert input_shape(b"") is None
