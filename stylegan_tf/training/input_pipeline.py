"""Batches of real images for the replicas of a strategy, on whatever machines they are."""

import tensorflow as tf

from stylegan_tf.datasets import InputShard
from stylegan_tf.training.config import Config
from stylegan_tf.training.schedule import ScheduleState


def batches(
    dataset,
    config: Config,
    state: ScheduleState,
    start_image: int,
    strategy: tf.distribute.Strategy,
):
    """Returns an endless distributed iterator; the order depends only on the number of replicas.

    The stream's batches go to the replicas in turn, each the size of a replica's share.

    Args:
        dataset: what `stylegan_tf.datasets.open` gives.
        config: the run's configuration.
        state: the schedule now: the resolution, and the batch that all replicas share.
        start_image: images shown before.
        strategy: `tf.distribute.Strategy`.

    Returns:
        an iterator of uint8 [share, r, r, C] on each replica, with labels if they are learned.
    """
    replicas = strategy.num_replicas_in_sync

    def of_worker(context: tf.distribute.InputContext) -> tf.data.Dataset:
        workers = context.num_input_pipelines
        images = dataset.batches(
            resolution=state.resolution,
            batch_size=state.batch // replicas,
            seed=config.seed,
            start_image=start_image,
            mirror=config.data.mirror,
            share=InputShard(context.input_pipeline_id, workers, replicas // workers),
        )
        if dataset.label_size and not config.data.cond:
            images = images.map(lambda images, labels: images)
        # Several workers would otherwise agree before each batch on whether there is one.
        return images.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY))

    return iter(strategy.distribute_datasets_from_function(of_worker))
