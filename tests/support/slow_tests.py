"""The table of the slow tests: `pytest` leaves them out, `pytest --all` runs them as well.

A test is here if it took more than 1.5 s (two cores at 2.6 GHz) and something quick touches the
same code, or a whole file if its shared fixtures take that long. Tests that compile or install
something are marked where they are. `pytest --all --durations=50` shows who else belongs here.
"""

import re

# By file: which of its tests, as regular expressions of a name with its parameters.
SLOW = {
    "cli/test_classifiers.py": ["test_it_trains_tells"],
    "cli/test_directions.py": [
        "test_labelled_seeds",
        "the_explorer_makes",
        "the_middle_of_a_sheet",
    ],
    "cli/test_evaluate.py": ["features_of_ones_own", "measuring_and_drawing", "several_networks"],
    "cli/test_explore.py": ["test_it_answers_until_ctrl_c"],
    "cli/test_export.py": ["test_other_forms_come_with_flags"],
    "cli/test_figures.py": ["a_seed_gives_the_same", "published_networks"],
    "cli/test_generate.py": [
        "labels_that_are_numbers",
        "test_noise_changes",
        "test_classes_change",
        "without_a_class_it_is",
        "in_any_company",
        "full_truncation",
    ],
    "cli/test_project.py": ["a_later_image_is_found", "the_film_shows", "no_film_without"],
    "cli/test_serve.py": [
        "test_it_imports_none",
        "test_another_host",
        "test_a_model_is_served_until",
    ],
    "cli/test_train.py": [
        "test_the_file_of_a_run",
        "loss_scales",
        "best_network",
        "found_from_everywhere",
    ],
    "cli/test_train_endings.py": [
        "may_measure",
        "may_take_longer",
        "another_configuration",
        r"full_disk.*\[(checkpoint|grid)",
    ],
    "cli/test_video.py": [r"each_kind\[(noise|w|z)"],
    "datasets/test_batches.py": [r"where_it_stopped\[", r"means_over_squares\[(1-4|3-|4-)"],
    "datasets/test_bundled.py": ["test_it_verifies", "stand_on_white"],
    "datasets/test_memory.py": [""],
    "datasets/test_opening.py": [r"when_it_is_read\[[1-9]"],
    "datasets/test_order.py": [
        r"at_every_border\[(?!1\b)",
        "resumes_where_it_stopped",
        "seeds_differ",
        r"in_turns\[(?!2-1-0-True)",
    ],
    "datasets/test_resumable.py": ["the_same_command_resumes"],
    "explorer/test_page.py": [""],
    "explorer/test_recipe.py": ["controls[1-9]", "the_file_of_directions", "a_command_where"],
    "explorer/test_remote.py": ["^(?!test_a_server_that_is_not_there)"],
    "explorer/test_session.py": [
        "controls[1-6]",
        r"channels_of_the_network\[1",
        "a_network_that_still_grows",
        "without_noise_inputs",
    ],
    "explorer/test_without_w.py": ["the_page_leaves_out"],
    "extending/test_augmentation.py": ["trains_by"],
    "extending/test_callback.py": ["the_averaged_generator"],
    "extending/test_loss.py": ["trains_by_python"],
    "extending/test_penalty.py": ["trains_by_python"],
    "extending/test_metrics.py": ["_command_", "measured_by_python"],
    "figures/test_paper.py": [
        "test_every_kind_of_network",
        "transparent_networks",
        "uncurated_images",
        "the_same_each_time",
        r"architectures_have.*\[[de]",
    ],
    "importing/test_nvidia.py": [
        "test_any_arguments",
        r"protocol_and_numpy\[[345]",
        r"name_and_version\[(?!dnnlib.*3|network.*2)",
    ],
    "exporting/test_published.py": [
        r"every_form\[(?!skip)",
        r"comes_back\[[b-e]\]",
        "pytorch_reads_it",
    ],
    "importing/test_parameter_counts.py": [r"test_generator\[(?!.*256)"],
    "importing/stylegan2/test_pytorch.py": [
        r"three_networks\[[35]",
        r"every_form\[(?!orig-0|skip-3)",
        r"published_code\[(?!ada-uncond.proto4)",
        "what_a_file_says",
    ],
    "importing/stylegan2/test_tensorflow.py": [
        r"three_networks\[4",
        r"every_form\[(?!resnet)",
    ],
    "metrics/test_classifiers.py": [
        "held_out",
        "what_can_be_seen",
        "without_this_package",
        "the_same_seed",
        "other_channels",
    ],
    "metrics/networks/test_inception.py": [
        "the_same_weights_are_the_same",
        "features_without_biases",
        "runs_in_a_graph",
        "takes_maxima",
        "those_of_pytorch_fid",
        "keras_network",
    ],
    "metrics/networks/test_loading.py": ["each_replica_has_its_copy"],
    "metrics/networks/test_vgg16.py": ["the_file_of_lpips", "torchvision_agrees"],
    "metrics/test_evaluation.py": ["path_lengths_are", r"channels_were_shown\[4"],
    "metrics/test_lpips.py": ["the_authors_package"],
    "metrics/test_memory.py": [""],
    "metrics/test_perceptual_path_lengths.py": [
        "full_paths_are_met",
        "published_lpips_measures",
        "as_by_its_definition",
        r"as_long_as_its_arc\[full",
        "end_of_a_path_is_its_beginning",
        "length_of_its_map_in_w",
        r"the_same_length\[",
    ],
    "metrics/test_plot.py": [r"other_formats\[curves.pdf"],
    "metrics/test_reals.py": [r"of_the_files\[(?!5-4)"],
    "metrics/test_registration.py": ["not_hidden_by_modules"],
    "metrics/test_sampling.py": [
        "test_nothing_is_truncated",
        "in_another_scope",
        "of_the_generate_command",
        "in_common",
        r"its_batch\[(?!1\])",
        "first_images_do_not_depend",
        r"shown_in_three\[[13]",
    ],
    "metrics/test_two_replicas.py": [""],
    "models/test_compiled_networks.py": [
        r"gradients\[[a-e]\b",
        r"penalties_and_their_gradients\[f",
        "runs_on_either",
    ],
    "models/test_growing.py": [
        r"both_networks\[(?!32\])",
        r"architecture_grows\[[b-e]",
        r"test_channels\[[14]",
    ],
    "models/test_parameter_counts.py": [
        "test_labels",
        r"generator\[(512|256|64)",
        r"discriminator\[(64|32)",
    ],
    "models/test_precision.py": ["feature_maps_of_few_pixels", r"nearly_the_same\[[b-e]"],
    "models/test_published_architectures.py": [
        r"test_images\[.*-1\]",
        r"progressive_gan\[.*-1\]",
        r"test_w\[",
    ],
    "models/test_published_stylegan.py": [r"test_(images|scores)\[.*-1\]"],
    "models/test_saving.py": [r"survives_a_file\[[a-e]\b", "everything_a_generator_holds"],
    "models/test_sizes.py": [r"a_resolution\[(1024|256)"],
    "models/test_without_w.py": ["test_exported_models"],
    "ops/cuda/test_emulation.py": [""],
    "ops/cuda/test_kernels.py": [""],
    "ops/cuda/test_memory.py": [""],
    "ops/test_benchmark.py": ["test_a_line_an_op"],
    "ops/test_compiled.py": ["large_images.*shape2"],
    "ops/test_conv2d.py": ["test_derivatives"],
    "ops/test_sources.py": ["without_a_warning"],
    "ops/test_upfirdn2d.py": [r"derivatives_in_a_graph"],
    "ops/test_xla.py": ["style_epilogue with blur", "functions_within_functions"],
    "ops/test_winograd.py": [
        r"several_rounds\[transposed-up",
        r"several_rounds\[straight-up",
        r"test_derivatives\[odd",
    ],
    "projection/test_projection.py": [
        "the_same_seed",
        "other_networks",
        "perceptual_distance_counts",
        "traced_once",
        "found_again",
    ],
    "serving/test_client.py": [
        "labels_by_vector",
        r"tried_again\[(429|503|504)",
        r"test_classes\[",
        r"tried_again\[slow",
        r"not_tried_again\[(?!400|404)",
    ],
    "test_portability.py": ["every_module_is_imported"],
    "serving/test_export.py": [
        "without_this_project",
        "saved_model_cli",
        "half_the_bytes",
        "the_walk_finds",
        "png|jpeg",
        "metadata",
        "float16_cannot_hold",
        "is_tensorflows_own",
    ],
    "serving/test_load.py": [""],
    "serving/test_server.py": [
        "goes_over_to_a_version",
        "cannot_be_loaded",
        "that_goes_away",
        "does_not_come",
        r"is_answered\[(?!mapping)",
        "by_their_number",
    ],
    "serving/test_service.py": [""],
    "serving/test_signatures.py": [
        "numbers_are_given_as_such",
        "not_grown_up",
        "own_class",
        "own_psi",
        "without_noise",
        "mapping_gives_w",
        r"and_shapes\[True",
    ],
    "serving/test_targets.py": [""],
    "serving/test_warmup.py": ["more_requests", "batch_sizes", "without_the_api", "every_request"],
    "models/stylegan2/test_downstream.py": ["export"],
    "models/stylegan2/test_published_generators.py": [
        r"every_network\[(?!g_skip_c0_r32)",
        "gradients_of_path",
    ],
    "models/stylegan2/test_published_discriminators.py": [r"every_network\[(?!d_orig)"],
    "models/stylegan2/test_tools.py": ["projection_finds", "the_explorer"],
    "models/stylegan2/test_weights.py": [r"near_float32\[resnet"],
    "test_backend_compat.py": ["names_load_on_first_use"],
    "test_pipeline.py": [
        "logits_of_training",
        "checkpoint_of_other_networks",
        r"generate_command\[(None-(constant|none)|2.5-)",
        "answers_with_the_same_png",
    ],
    "training/callbacks/test_snapshot_evaluation.py": [
        "real_metrics",
        "measured_otherwise",
        "none_of_training",
        "too_small",
        "every_so_many_ticks",
        "without_metrics",
        "(going_on|resum)",
        r"first_metric\[",
    ],
    "training/callbacks/test_snapshots.py": ["names_no_classes"],
    "training/test_divergence.py": ["ends_so", "never_learned", "loss_scaling", "are_not_saved"],
    "training/test_resuming.py": ["are_recorded", "damaged_checkpoint", "timed_from"],
    "training/test_transfer.py": [
        "grows_on_from_where",
        "it_trains_with",
        r"both_have_are_the_same\[32",
    ],
    "augment/test_fixed.py": [r"compute_the_same\[True"],
    "augment/test_diffaugment.py": [r"in_a_graph\[True"],
    "ops/test_affine_warp.py": ["xla_compiles"],
    "training/test_augmented.py": [
        r"every_configuration_learns\[(?!ada-f)",
        "augmented_in_float32",
    ],
    "training/test_float16_gradients.py": [
        r"nothing_but_rounding\[(?!.*r2)",
        r"of_a_step\[(wgan_gp-.|logistic_ns-G)",
        r"gradient_inside\[True",
        "gradients_of_a_step_with_leaky",
        "of_a_step_are_lost",
    ],
    "training/test_gan.py": [
        r"that_use_them\[hinge",
        "no_augmentation_adds",
        r"that_use_them\[non_s",
    ],
    "training/test_initial.py": [""],
    "training/test_loop.py": [
        r"half_life\[(32|512)\]",
        "labels_come_along_only",
        "left_alone",
        "mirroring_is_left",
    ],
    "training/test_loss_scale.py": [
        "unbroken_one",
        "every_tick_says",
        "from_before_there_were_any",
        r"own_network_waits\[g",
        "without_a_scale",
        "other_precisions",
    ],
    "training/test_published_losses.py": [
        "-1.3-",
        "D_(logistic|wgan|hinge|hinge_gp)-0-plain",
        "simplegp-0-full",
    ],
    "training/test_published_steps.py": [""],
    "training/test_published_stylegan2.py": [r"phase.*\[(?!Gmain)", "five_iterations"],
    "training/test_published_triples.py": [""],
    "training/test_session.py": [
        "ticks_as_epochs",
        "that_can_be_resumed",
        "end_of_a_resumed_tick",
        "data_is_a_path",
        r"as_for_fit\[True",
        "batches_cost_nothing",
    ],
    "training/test_several_workers.py": [""],
    "training/test_step.py": [
        r"every_loss_learns\[(?!hinge\])",
        "every_configuration_learns",
        "r2_learns",
        r"that_network\[",
        "bfloat16_learns",
    ],
    "test_labels.py": ["frequen"],
    "training/test_estimate.py": ["files_are_counted"],
    "training/test_two_replicas.py": [""],
}
PATTERNS = {file: [re.compile(one) for one in patterns] for file, patterns in SLOW.items()}
# By file: fixtures that make whatever uses them slow.
FIXTURES = {
    "training/test_augmented.py": {"trained"},
    "training/test_trainer.py": {"whole", "resumed"},
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
