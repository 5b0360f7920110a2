"""What an ONNX file says it is fed, read from the file: OpenCV runs a network on too few channels or pixels without a word.

Only the few fields on the way to the shape are read (onnx.proto: ModelProto.graph 7; GraphProto.initializer 5, input 11;
ValueInfoProto.name 1, type 2; TypeProto.tensor_type 1; Tensor.shape 2; TensorShapeProto.dim 1; Dimension.dim_value 1).
"""

from collections.abc import Iterator
from typing import TypeAlias

Field: TypeAlias = "tuple[int, int | memoryview]"


def input_shape(content: bytes) -> list[int] | None:
    """The sides of the one input that is no weight, 0 where one is free; `None` where the file does not say.

    Raises:
        ValueError: not such a file.
    """
    graph = _inside(memoryview(content), 7)
    if graph is None:
        return None
    weights = {bytes(name) for part in _all(graph, 5) if (name := _inside(part, 8)) is not None}
    inputs = [part for part in _all(graph, 11) if bytes(_inside(part, 1) or b"") not in weights]
    shape = _inside(inputs[0], 2, 1, 2) if len(inputs) == 1 else None
    return [_side(dimension) for dimension in _all(shape, 1)] if shape is not None else None


def _side(dimension: memoryview) -> int:
    return next((value for number, value in _fields(dimension) if number == 1 and isinstance(value, int)), 0)


def _inside(message: memoryview, *path: int) -> memoryview | None:
    """The first message at the end of the path."""
    found: memoryview | None = message
    for number in path:
        found = next(_all(found, number), None) if found is not None else None
    return found


def _all(message: memoryview, number: int) -> Iterator[memoryview]:
    return (value for which, value in _fields(message) if which == number and isinstance(value, memoryview))


def _fields(message: memoryview) -> Iterator[Field]:
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        match key & 7:  # the wire type
            case 0:
                value, place = _varint(message, place)
                yield key >> 3, value
                continue
            case 1:
                length = 8
            case 2:
                length, place = _varint(message, place)
            case 5:
                length = 4
            case _:
                raise ValueError("no Protocol Buffers message")
        if place + length > len(message):
            raise ValueError("a message that ends too early")
        yield key >> 3, message[place : place + length]
        place += length


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            raise ValueError("a message that ends too early")
        octet = message[place]
        place += 1
        value |= (octet & 0x7F) << shift
        if octet < 0x80:
            return value, place
    raise ValueError("a number without end")
