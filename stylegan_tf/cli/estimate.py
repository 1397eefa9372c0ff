"""`stylegan-tf estimate`."""

from pathlib import Path

import click

from stylegan_tf.cli import process, train

# Of `train`, what is about a run that is there already, or about stopping before it.
NOT_HERE = {"resume", "allow_change", "dry_run"}
OPTIONS = [option for option in train.command.params if option.name not in NOT_HERE]


@click.command("estimate", params=OPTIONS)
def command(outdir, config, settings, **values):
    """Estimate the time, memory and disk of a training.

    The options are those of `stylegan-tf train`. A few steps are taken at each resolution of the
    plan, on this machine and on random images; nothing is written.
    """
    process.load_tensorflow()
    from stylegan_tf.training.estimate import estimate

    given = train.Given(values, config, settings)
    job = given.new_job(dry_run=True)
    given.say_old_names()
    with given.named():
        result = estimate(job, lambda line: click.echo(line, err=True))
    for line in result.describe(Path(outdir)):
        click.echo(line)
