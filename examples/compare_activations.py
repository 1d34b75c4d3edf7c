"""Light against ReLU in the same network: paired by seed, with intervals."""

from nets import compare, tasks
from nets.plot import accuracies
from photonic import plot

# MNIST's first 4,000 training images and all of its test images; a full run drops `.subset(...)`
task = tasks.load("mnist").subset(4000)
result = compare(
    task,
    ["relu", "linear", "photonic:sigmoid", "photonic:softplus"],
    hidden=(50,),
    seeds=3,
    epochs=5,
    learning_rates=[4e-3],
)
print(result.table())
plot.save(accuracies(result), "compare_activations.png")
