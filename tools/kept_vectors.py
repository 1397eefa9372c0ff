"""Which arrays of the reference vectors tests/data/published.zip holds, and how they are kept.

The first pattern that fits a name decides; other arrays are left out.
"""

from vector_packing import (
    AVERAGE,
    DRAWN,
    DRAWN_PAIR,
    ENLARGED,
    EXACT,
    EXACT_PAIR,
    FIRST_WEIGHTS,
    IMAGES,
    MASK_PAIR,
    OF_W,
    PAIR,
    ROW_WEIGHTS,
    SAMPLED,
    SAMPLED_PAIR,
    WEIGHTS,
    WHOLE,
)

ROWS = "(tuned-baseline|add-mapping-and-styles)/"
STYLEGAN = [
    (ROWS + r"vars/G_synthesis/.*(StyleMod|Dense)/weight", OF_W),
    (ROWS + r"vars/G_synthesis/.*/weight", ROW_WEIGHTS),
    (ROWS + r"vars/(?!G_mapping)", WEIGHTS),
    (ROWS + r"w$", WHOLE),
    (ROWS + r"img/lod[\d.]+/", SAMPLED),
    (r"nowscale/kwargs", WHOLE),
    (r"G/vars/(G_mapping|G_synthesis/4x4|.*StyleMod|dlatent_avg)", FIRST_WEIGHTS),
    (r"[GD]/vars/", WEIGHTS),
    (r"Gs/vars/|train/it\d/Gs/", AVERAGE),
    (r"in/(z|images8)$", DRAWN),
    (r"in/", WHOLE),
    (r"out/(w_nobroadcast|img_w_mixed|img_randnoise|img_autofused_default_kwargs)$", SAMPLED),
    (r"out/img_randnoise_rnd/", DRAWN),
    (r"out/img/lod[23]/recursive/", ENLARGED),
    (r"out/img/lod[\d.]+/recursive/\w+/off$", IMAGES),
    (r"out/img/lod[\d.]+/recursive/", SAMPLED),
    (r"out/(scores|scores_opts)/(?!.*/linear/)", WHOLE),
    (r"out/process_reals/lod(0|1\.3)/plain$", ENLARGED),
    (r"out/process_reals/", SAMPLED),
    (r"mid/G_mapping/", WHOLE),
    (r"mid/D/fused0/4x4/Dense", WHOLE),
    (r"mid/(D|G_synthesis)/fused0/", SAMPLED),
    (r"loss/\w+/lod[\d.]+/plain/rnd/00_\w+_normal$", DRAWN),
    (r"loss/\w+/lod[\d.]+/plain/(mean|rnd|grad)", SAMPLED),
    (r"loss/(G_logistic_nonsaturating|D_logistic_simplegp)/lod0/full/rnd/\w+_normal$", DRAWN),
    (r"loss/(G_logistic_nonsaturating|D_logistic_simplegp)/lod0/full/rnd/", WHOLE),
    (r"loss/(G_logistic_nonsaturating|D_logistic_simplegp)/lod0/full/", SAMPLED),
    (r"train/rnd_./\w+_normal$", DRAWN),
    (r"train/rnd_", WHOLE),
    (r"train/it\d/", SAMPLED),
]
NETWORK = [
    (r"kwargs$|in/c$", WHOLE),
    (r"w/|in/", DRAWN),
    (r"out/", SAMPLED),
]
PARTS = [  # what layers give, too, and what they get
    (r"mid/(b4\.mbstd|b16/x)$", WHOLE),
    (r"mid/(.*affine|mapping|b8\.conv0|b8\.skip|b8/x)$", SAMPLED),
]
LOSS = [
    (r"._kwargs|hyper", WHOLE),
    (r"[GD]/|in/(z|real)$|\w+/rnd/(noise/|mix_z|pl_randn)", DRAWN),
    (r"in/|\w+/rnd/mix_cutoff$", WHOLE),
    (r"\w+/(loss_mean|w_avg_after|pl_lengths|pl_grads|grad/.*)$", SAMPLED),
]
TRAINING = [
    (r"._kwargs|hyper|quantile_levels", WHOLE),
    (r"\w+/init/|in/it\d/\w+/(noise/|mix_z|pl_randn)", DRAWN),
    (r"in/it\d/\w+/z$", EXACT),
    (r"in/", WHOLE),
    (r"out/it\d/ema_beta$", EXACT),
    (r"out/it\d/(Dmain/\w+_logits|w_avg|G_ema_w_avg|pl_mean)$", WHOLE),
    (r"out/it\d/\w+/q/", WHOLE),
]
PICKLES = [
    (r"in/c", WHOLE),
    (r"in/|ada-uncond/(G|D|G_ema)/", DRAWN),
    (r"ada-uncond/out/", SAMPLED),
]
MATRICES = r"(G_inv|C|imgfilter_gains|imgfilter_taps|noise_sigma)$"
CASES = "rand/(bgc_p0.6|bgcfnc_p0.8|nonsquare_bgc_p0.9|gray_bgc_p0.8)/"
AUGMENT = [
    (r"const/Hz", WHOLE),
    (r"in/dy(6|_gray|)$", DRAWN_PAIR),
    (r"in/img(6|_gray|)$", PAIR),
    (CASES + r"rnd/36_noise_pixels$", DRAWN_PAIR),
    (CASES + r"(out|dx)$", SAMPLED_PAIR),
    (r"(pct/[^/]+/[\d.]+|rand/[^/]+|p0/[^/]+)/" + MATRICES, PAIR),
    (r"(rand|p0)/[^/]+/rnd/.*_(value|gate)$", EXACT_PAIR),
    (r"\w+/.*/cutout_mask$", MASK_PAIR),
]
# The published networks of StyleGAN2 and the seeds of their weights.
GENERATORS = {
    "g_skip_c0_r32": 11,
    "g_skip_c3_r32_map8": 12,
    "g_skip_c0_r64_map8": 13,
    "g_orig_c0_r32": 15,
}
DISCRIMINATORS = {
    "d_resnet_c0_r32": 21,
    "d_resnet_c3_r32": 22,
    "d_orig_c0_r32": 23,
    "d_resnet_c0_r64_mbstd2": 25,
}
KEPT = {
    **dict.fromkeys(["stylegan32", "progan32", "stylegan32_table1"], STYLEGAN),
    **dict.fromkeys([*GENERATORS, *DISCRIMINATORS], NETWORK),
    **dict.fromkeys(["g_skip_c3_r32_map8", "d_resnet_c3_r32"], [*NETWORK, *PARTS]),
    "loss": LOSS,
    "train_a": TRAINING,
    "g_resnet16": NETWORK,
    "d_orig16": [(r"in/img$", WHOLE), *NETWORK],
    "pickles": PICKLES,
    "augment": AUGMENT,
    "ada_p": [("", WHOLE)],
}
# Steps of results are 2^-bits of the largest of an array.
BITS = dict.fromkeys(["stylegan32", "progan32", "stylegan32_table1"], 15)
BITS |= {"augment": 20, "train_a": 22}  # training is compared in parts of a learning rate
FINE_BITS = 18

# What was drawn: chains as tests/support/drawn.py has them.
INPUTS = [123, [["normal", "in/z"], ["uniform", "in/images8"]]]
LOSSES = [
    *("G_logistic_nonsaturating", "G_logistic_saturating", "G_wgan"),
    *("D_logistic", "D_logistic_simplegp", "D_logistic_simplegp_r2only"),
    *("D_wgan", "D_wgan_gp", "D_hinge", "D_hinge_gp"),
]


def of_losses() -> list:
    """The latents of each loss, and with the published defaults its noise."""
    parts = [f"lod{lod}/plain" for lod in ("0", "1.3")] + ["lod0/full"]
    return [[99, [["normal", f"loss/{name}/{part}/rnd/"]]] for name in LOSSES for part in parts]


def of_phases() -> list:
    """The random numbers of the four phases."""
    chains = []
    for seed, phase in enumerate(("Gmain", "Greg", "Dmain"), 41):
        names = [f"{phase}/rnd/mix_z", f"{phase}/rnd/noise/", f"{phase}/rnd/pl_randn"]
        chains.append([seed, [["words", 3], *(["normal", name] for name in names)]])
    return chains


def of_iterations() -> list:
    """The same in training."""
    chains = []
    for index in range(5):
        for number, phase in enumerate(("Gmain", "Greg", "Dmain")):
            words = {(0, 2): 4, (1, 0): 5}.get((index, number), 3)
            prefix = f"in/it{index}/{phase}"
            names = [f"{prefix}/mix_z", f"{prefix}/noise/", f"{prefix}/pl_randn"]
            steps = [["words", words], *(["normal", name] for name in names)]
            chains.append([75000 + 10 * index + number, steps])
    return chains


DRAWN_ARRAYS = {
    "stylegan32": [
        INPUTS,
        [77, [["normal", "out/img_randnoise_rnd/"]]],
        [1001, [["normal", "train/rnd_G/"]]],
        [1002, [["normal", "train/rnd_D/"]]],
        *of_losses(),
    ],
    "progan32": [INPUTS, *of_losses()],
    "stylegan32_table1": [INPUTS],
    **{
        name: [
            [seed, [["weights", "w/"]]],
            [seed + 1000, [["normal", "in/z"]]],
            [seed + 2000, [["normal", "in/noise/"]]],
            [seed + 3000, [["normal", "in/ws_random"]]],
        ]
        for name, seed in GENERATORS.items()
    },
    **{
        name: [[seed, [["weights", "w/"]]], [seed + 1000, [["half", "in/img"]]]]
        for name, seed in DISCRIMINATORS.items()
    },
    "loss": [
        [31, [["weights", "G/"]]],
        [32, [["weights", "D/"]]],
        [3300, [["normal", "in/z"], ["words", 9], ["image", "in/real"]]],
        *of_phases(),
    ],
    "train_a": [
        [75, [["weights", "G/init/"]]],
        [76, [["weights", "D/init/"]]],
        [84, [["beside", "G_ema/init/"]]],
        *of_iterations(),
    ],
    "pickles": [
        [55, [["normal", "in/z"], ["half", "in/img"]]],
        [60, [["weights", "ada-uncond/G/"]]],
        [61, [["weights", "ada-uncond/D/"]]],
        [62, [["weights", "ada-uncond/G_ema/"]]],
    ],
    "d_orig16": [[91, [["weights", "w/"]]]],
    "g_resnet16": [[92, [["weights", "w/"]]], [55, [["normal", "in/z"]]]],
    "augment": [
        *([4242, [["normal", f"in/dy{kind}"]]] for kind in ("", "6", "_gray")),
        [907, [["normals", 186], ["normal", "rand/bgcfnc_p0.8/rnd/36_noise_pixels"]]],
    ],
}
