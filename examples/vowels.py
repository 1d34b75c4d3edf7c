"""Four spoken vowels, read by light: interferometer meshes with saturable absorbers between them.

In the spirit of Y. Shen et al., Nature Photonics 11, 441 (2017): four features of 360 utterances enter
as amplitudes, any matrix is two meshes with attenuators in between, and an absorber that saturates is
the nonlinearity. Beside it stands the same plan with digital arithmetic, biases included.
"""

from nets import compare, plot, tasks
from photonic import units
from photonic.plot import save

task = tasks.load("vowel-4")
print(task)
print(f"the speakers to be judged on are others than those learned from\n{task.source}\n")

result = compare(
    task,
    ["svd:saturable", "relu", "sigmoid", "linear"],
    hidden=(8,),
    seeds=4,
    epochs=80,
    batch_size=16,
    learning_rates=[1e-2, 2e-2],
    same_parameters=True,
)
print(result.table())

# Where the light of the trained network goes, mean over test utterances.
print("\npower in all guides behind each stage")
for stage in result["svd:saturable"].findings["budget"]["stages"]:
    if stage["total"]:
        lit = "" if stage["lit"] is None else f", {stage['lit']:.0%} of its inputs reach what it needs"
        print(f"  {stage['name']:30} {units.engineering(stage['total'], 'W', 3):>9}{lit}")

clear = [o.name for o in result.outcomes if (d := result.difference(o.name)).low * d.high > 0]
print(
    f"\nsurely better or worse than ReLU of the same width on so few utterances: {', '.join(clear) or 'none'}"
)
save(plot.accuracies(result), "vowels.png")
