"""What packages compute that people trust, in a process without TensorFlow.

As a program it answers lines of [WHAT, FOLDER] until there are no more: it reads FOLDER/given.npz,
writes FOLDER/found.npz and answers with an empty text, or with what went wrong. (In one process
with TensorFlow, importing torchvision ends it: seen with TensorFlow 2.21 and torch 2.14.)
"""

import contextlib
import json
import sys
import traceback
from pathlib import Path

import numpy as np

PACKAGES = ("torch", "torchvision", "pytorch_fid", "cleanfid", "torch_fidelity", "lpips")


def frechet(folder, mu_a, cov_a, mu_b, cov_b):
    """The distance of two normal distributions, by each package."""
    from cleanfid import fid
    from pytorch_fid import fid_score
    from torch_fidelity import metric_fid

    statistics = {"mu": mu_a, "sigma": cov_a}, {"mu": mu_b, "sigma": cov_b}
    fidelity = metric_fid.fid_statistics_to_metric(*statistics, verbose=False)
    return {
        "pytorch-fid": fid_score.calculate_frechet_distance(mu_a, cov_a, mu_b, cov_b),
        "clean-fid": fid.frechet_distance(mu_a, cov_a, mu_b, cov_b),
        "torch-fidelity": fidelity[metric_fid.KEY_METRIC_FID],
    }


def kernel(folder, a, b):
    """The kernel distance of all of `a` and all of `b`, as many."""
    import torch
    from cleanfid import fid
    from torch_fidelity import metric_kid

    fidelity = metric_kid.kid_features_to_metric(
        *map(torch.from_numpy, (a, b)), kid_subsets=1, kid_subset_size=len(a), verbose=False
    )
    return {
        "clean-fid": fid.kernel_distance(a, b, num_subsets=1, max_subset_size=len(a)),
        "torch-fidelity": fidelity[metric_kid.KEY_METRIC_KID_MEAN],
    }


def score(folder, logits):
    """Mean and deviation of the inception score."""
    import torch
    from torch_fidelity import metric_isc

    result = metric_isc.isc_features_to_metric(torch.from_numpy(logits), splits=10, shuffle=False)
    keys = metric_isc.KEY_METRIC_ISC_MEAN, metric_isc.KEY_METRIC_ISC_STD
    return {"torch-fidelity": [result[key] for key in keys]}


def precision_recall(folder, real, fake, k):
    """Precision and recall; torch-fidelity takes the fakes first."""
    import torch
    from torch_fidelity import metric_prc

    result = metric_prc.prc_features_to_metric(
        *map(torch.from_numpy, (fake, real)), prc_neighborhood=int(k), verbose=False
    )
    return {"torch-fidelity": [result["precision"], result["recall"]]}


def perceptual(folder, a, b, **layers):
    """LPIPS with the package's heads, and given layers instead of those that it would download."""
    import lpips
    import torch

    network = lpips.LPIPS(net="vgg", pnet_rand=True, verbose=False).eval()
    convolutions = [m for m in network.net.modules() if isinstance(m, torch.nn.Conv2d)]
    for number, convolution in enumerate(convolutions):
        convolution.weight.data = channels_first(layers[f"kernel{number}"], (3, 2, 0, 1))
        convolution.bias.data = torch.from_numpy(layers[f"bias{number}"])
    with torch.no_grad():
        return {"lpips": network(*(channels_first(x) for x in (a, b))).numpy().ravel()}


def inception(folder, images):
    """Inception of 2015 with random weights, which it saves in both layouts of `torch.save`."""
    import torch
    from pytorch_fid import inception as theirs

    theirs.load_state_dict_from_url = lambda *_, **__: {}  # where it would be downloaded
    load, torch.nn.Module.load_state_dict = torch.nn.Module.load_state_dict, lambda *_, **__: None
    network = theirs.fid_inception_v3()
    torch.nn.Module.load_state_dict = load
    randomize(network)
    save(folder, network.state_dict())
    theirs.fid_inception_v3 = lambda: network
    extract = theirs.InceptionV3([3], resize_input=False, normalize_input=False).eval()
    with torch.no_grad():
        features = extract(channels_first(images) / 128 - 1)[0][:, :, 0, 0]
        return {
            "features": features.numpy(),
            "probabilities": (features @ network.fc.weight.T).softmax(1).numpy(),
        }


def resized(folder, images):
    """Pictures at 299×299 as TensorFlow 1 resized them."""
    from torch_fidelity import interpolate_compat_tensorflow as theirs

    result = theirs.interpolate_bilinear_2d_like_tensorflow1x(
        channels_first(images), (299, 299), align_corners=False
    )
    return {"resized": result.numpy().transpose(0, 2, 3, 1)}


def vgg16(folder, images):
    """torchvision's network, thin and with random weights, after the second dense layer's ReLU."""
    import torch
    from torchvision.models import vgg

    blocks = ([4, 4], [4, 4], [6, 6, 6], [6, 6, 6], [8, 8, 8])
    network = vgg.VGG(vgg.make_layers([n for block in blocks for n in (*block, "M")]))
    network.classifier[0] = torch.nn.Linear(8 * 7 * 7, 32)
    network.classifier[3] = torch.nn.Linear(32, 16)
    network.classifier[6] = torch.nn.Linear(16, 5)
    randomize(network)
    save(folder, network.state_dict())
    network.classifier = network.classifier[:5]  # with the ReLU
    with torch.no_grad():
        return {"features": network.eval()(normal(images)).numpy()}


def mobilenet_v2(folder, images, path):
    """torchvision's network with its published weights: before and after the classifier."""
    import torch
    import torchvision

    network = torchvision.models.mobilenet_v2(weights=None)
    network.load_state_dict(torch.load(str(path), weights_only=True))
    with torch.no_grad():
        maps = network.eval().features(normal(images))
        probabilities = network(normal(images)).softmax(1)
    return {"features": maps.mean((2, 3)).numpy(), "probabilities": probabilities.numpy()}


def written(folder):
    """A state dict in both layouts of `torch.save`, and its arrays."""
    import torch

    layers = torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4)
    state = torch.nn.Sequential(*layers).state_dict()
    state["turned"] = torch.arange(24.0).reshape(2, 3, 4).permute(2, 0, 1)
    state["parameter"] = torch.nn.Parameter(torch.ones(2, dtype=torch.float64))
    state["half"] = torch.ones(3, dtype=torch.float16)[1:]
    save(folder, state)
    return {name: one.detach().numpy() for name, one in state.items()}


def state_dict(folder, suffix):
    """The arrays of n.safetensors or n.pkl, through a module that takes them strictly."""
    import pickle

    import torch

    path = folder / f"n.{suffix}"
    if path.suffix == ".safetensors":
        import safetensors.torch

        state = safetensors.torch.load_file(path)
    else:
        arrays = pickle.loads(path.read_bytes())
        state = {name: torch.from_numpy(array) for name, array in arrays.items()}
    root = torch.nn.Module()
    for name, value in state.items():
        *parts, last = name.split(".")
        module = root
        for part in parts:
            if part not in module._modules:
                module.add_module(part, torch.nn.Module())
            module = module._modules[part]
        module.register_buffer(last, torch.full_like(value, torch.nan))
    root.load_state_dict(state, strict=True)
    return {name: value.numpy() for name, value in root.state_dict().items()}


def randomize(network):
    """Weights that keep a signal, and normalization that is none of the usual start."""
    import torch

    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.3)
            torch.nn.init.normal_(module.running_mean, std=0.3)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
        elif isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            torch.nn.init.kaiming_normal_(module.weight)
            if module.bias is not None:
                torch.nn.init.normal_(module.bias, std=0.3)


def save(folder, state):
    """Writes zip.pth and row.pth."""
    import torch

    torch.save(state, folder / "zip.pth")
    torch.save(state, folder / "row.pth", _use_new_zipfile_serialization=False)


def channels_first(array, order=(0, 3, 1, 2)):
    """A float32 tensor of an array with channels last."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(array.transpose(order), np.float32))


def normal(images):
    """As torchvision's networks want uint8 images."""
    from torchvision.transforms.functional import normalize

    mean, deviation = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    return normalize(channels_first(images) / 255, mean, deviation)


def answer(what: str, folder: Path) -> str:
    """Calls the function of that name; gives what went wrong."""
    try:
        with np.load(folder / "given.npz") as given, contextlib.redirect_stdout(sys.stderr):
            np.savez(folder / "found.npz", **globals()[what](folder, **given))
    except Exception:
        return traceback.format_exc()
    return ""


if __name__ == "__main__":
    for line in sys.stdin:
        request, where = json.loads(line)
        print(json.dumps(answer(request, Path(where))), flush=True)
