"""The table of the slow tests: `pytest` leaves them out, `pytest --all` runs them as well.

A test is here if it took more than 1.5 s (two cores at 2.6 GHz) and something quick touches the
same code, or a whole file if its shared fixtures take that long. Tests that compile or install
something are marked where they are. `pytest --all --durations=50` shows who else belongs here.
"""

import re

# By file: which of its tests, as regular expressions of a name with its parameters.
SLOW = {
    "cli/test_classifiers.py": ["test_it_trains_tells"],
    "cli/test_directions.py": ["test_labelled_seeds"],
    "cli/test_explore.py": ["test_it_answers_until_ctrl_c"],
    "cli/test_export.py": ["test_other_forms_come_with_flags"],
    "cli/test_generate.py": ["test_noise_changes", "test_classes_change", r"company\[random"],
    "cli/test_serve.py": [
        "test_it_imports_none",
        "test_another_host",
        "test_a_model_is_served_until",
    ],
    "cli/test_train.py": ["test_train_py_is", "test_the_file_of_a_run"],
    "cli/test_train_endings.py": ["may_measure", "may_take_longer", "another_configuration"],
    "cli/test_video.py": [r"each_kind\[(noise|w|z)"],
    "datasets/test_batches.py": [r"where_it_stopped\[(1030|21)"],
    "datasets/test_memory.py": [""],
    "datasets/test_order.py": [r"at_every_border\[(?!1\b)", r"in_turns\[3-2"],
    "datasets/test_resumable.py": [r"same_command.*\[2\]"],
    "explorer/test_page.py": [r"^(?!test_the_first)"],
    "explorer/test_remote.py": ["is_taken_of_samples", "in_a_new_process", r"controls[1-5]"],
    "explorer/test_recipe.py": [r"controls[1-9]"],
    "explorer/test_session.py": [r"controls[1-6]"],
    "figures/test_paper.py": ["test_every_kind_of_network"],
    "importing/test_nvidia.py": ["test_any_arguments", r"protocol_and_numpy\[[345]"],
    "metrics/test_memory.py": [""],
    "metrics/test_two_replicas.py": [""],
    "metrics/networks/test_loading.py": ["each_replica_has_its_copy"],
    "metrics/networks/test_inception.py": ["runs_in_a_graph", "takes_maxima"],
    "metrics/networks/test_vgg16.py": ["the_file_of_lpips"],
    "metrics/test_classifiers.py": [
        "without_this_package",
        "the_same_seed",
        "other_colou?rs|other_channels",
    ],
    "metrics/test_evaluation.py": ["path_lengths_are"],
    "metrics/test_perceptual_path_lengths.py": [
        "full_paths_are_met",
        "published_lpips_measures",
        "as_by_its_definition",
        "a_linear_generator.*full",
    ],
    "metrics/test_reals.py": [r"of_the_files\[(?!5-4)"],
    "metrics/test_sampling.py": [
        "test_nothing_is_truncated",
        "in_another_scope",
        "of_the_generate_command",
        "in_common",
        r"its_batch\[[^1]",
        r"shown_in_three\[[13]",
    ],
    "models/test_compiled_networks.py": [r"gradients\[[a-e]\b"],
    "models/test_growing.py": [r"both_networks\[(8|16|64|128|256|512)\]"],
    "models/test_parameter_counts.py": [r"generator\[(512|256|64)", r"discriminator\[(64|32)"],
    "models/test_precision.py": ["feature_maps_of_few_pixels", r"nearly_the_same\[[b-e]"],
    "models/test_sizes.py": [r"a_resolution\[(1024|256)"],
    "models/test_saving.py": [r"survives_a_file\[[a-e]\b"],
    "ops/test_benchmark.py": ["test_a_line_an_op"],
    "ops/cuda/test_kernels.py": ["no_images_give"],
    "ops/cuda/test_memory.py": [""],
    "projection/test_projection.py": [
        "the_same_seed",
        "other_networks",
        "perceptual_distance_counts",
        "traced_once",
        r"found_again\[w\+",
    ],
    "serving/test_client.py": [r"tried_again\[(429|503|504)"],
    "serving/test_export.py": [
        "without_this_project",
        "saved_model_cli",
        "half_the_bytes",
        "the_walk_finds",
        "png|jpeg",
        "metadata",
    ],
    "serving/test_load.py": [""],
    "serving/test_server.py": [
        "goes_over_to_a_version",
        "cannot_be_loaded",
        "that_goes_away",
        "does_not_come",
        r"by_their_number\[False",
        r"is_answered\[(generate|serving|synthesis)",
    ],
    "serving/test_service.py": [""],
    "serving/test_signatures.py": ["not_grown_up", "own_class", "own_psi", "without_noise"],
    "serving/test_targets.py": [""],
    "serving/test_warmup.py": ["more_requests", "batch_sizes", "without_the_api", r"\[True\]"],
    "test_backend_compat.py": ["names_load_on_first_use"],
    "training/test_float16_gradients.py": [
        r"nothing_but_rounding\[(?!.*r2)",
        r"of_a_step\[(wgan_gp|logistic_ns)-G",
        r"leaky_relus\[wgan_gp",
    ],
    "training/test_initial.py": [""],
    "training/test_loop.py": [
        r"half_life\[(32|512)\]",
        "labels_come_along_only",
        "left_alone",
    ],
    "training/test_loss_scale.py": [
        "unbroken_one",
        "every_tick_says",
        "from_before_there_were_any",
        r"own_network_waits\[g",
        "without_a_scale",
        "other_precisions",
    ],
    "training/test_published_triples.py": [""],
    "training/test_several_workers.py": [""],
    "training/callbacks/test_snapshot_evaluation.py": [
        "real_metrics",
        r"first_metric\[names[12]",
        "measured_otherwise",
        "none_of_training",
        "too_small",
        "every_so_many_ticks",
        "without_metrics",
        "(going_on|resum)",
    ],
    "training/test_step.py": [
        r"configuration_learns\[[a-e]\b",
        r"every_loss_learns\[.*gp",
        r"that_network\[G",
    ],
    "training/test_two_replicas.py": [""],
}
PATTERNS = {file: [re.compile(one) for one in patterns] for file, patterns in SLOW.items()}
# By file: fixtures that make whatever uses them slow.
FIXTURES = {
    "training/test_trainer.py": {"resumed"},
    "training/test_loss_scale.py": {"whole", "resumed"},
    "training/callbacks/test_snapshot_evaluation.py": {"stopped"},
}


def is_slow(item) -> bool:
    """Whether the table has this test."""
    file, _, name = item.nodeid.partition("::")
    file = file.removeprefix("tests/")
    by_name = any(pattern.search(name) for pattern in PATTERNS.get(file, ()))
    return by_name or bool(FIXTURES.get(file, set()) & set(getattr(item, "fixturenames", ())))


def unused(items) -> list[str]:
    """Entries of the table that fit no test: what they named has another name now."""
    names = {}
    for item in items:
        file, _, name = item.nodeid.partition("::")
        names.setdefault(file.removeprefix("tests/"), []).append(name)
    return [
        f"{file}: {pattern.pattern}"
        for file, patterns in PATTERNS.items()
        for pattern in patterns
        if not any(pattern.search(name) for name in names.get(file, ()))
    ]
