"""Three layers of light on spoken vowels: where the watts go, with and without gain, and in the dark."""

import warnings

from nets import (
    Amplifier,
    DarkLayerWarning,
    Detector,
    FieldEncoder,
    LightActivation,
    MZIMesh,
    OpticalNetwork,
    Readout,
    Splitter,
    tasks,
    train,
)
from nets.plot_optics import plot_budget
from photonic import plot, presets

task = tasks.load("vowel")
modes = 2 * task.features


def cascade(full_scale, gain):
    """Mesh and silicon neurons three times, with amplifiers before the second and third neurons if any."""
    stages = [
        FieldEncoder(task.features, full_scale, largest=1.2, name="modulators"),
        Splitter(task.features, 2, excess_loss=1.1),
    ]
    for layer in (1, 2, 3):
        stages.append(MZIMesh(modes, insertion_loss=1.02))  # 0.09 dB each interferometer
        if gain > 1 and layer > 1:
            stages.append(Amplifier(modes, gain, noise_figure=4.0, bandwidth=1e9, saturation_power=5e-3))
        stages.append(LightActivation(presets.SIGMOID, modes, power_max=50e-3, name=f"neurons {layer}"))
    stages += [Detector(modes, 0.9), Readout(modes, 1.0, law="log-share", outputs=task.classes)]
    return OpticalNetwork(stages, seed=1)


cases = {
    "10 mW a feature": (10e-3, 1.0),
    "10 mW a feature and amplifiers of 10 dB": (10e-3, 10.0),
    "1 mW a feature": (1e-3, 1.0),
}
for name, (full_scale, gain) in cases.items():
    network = cascade(full_scale, gain)
    history = train(network, task, epochs=25, batch_size=32, learning_rate=0.01)
    print(f"\n{name}: {history.train_accuracy[-1]:.1%} of training, {history.accuracy:.1%} of test vowels")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DarkLayerWarning)
        budget = network.budget(task.test_inputs)
    print(budget.table())
    for warning in caught:
        print(f"warning: {warning.message}")
    if gain > 1:
        noisy = network.accuracy(task.test_inputs, task.test_labels, noise=0)
        print(f"with the amplifiers' noise: {noisy:.1%} of test vowels")
        plot.save(plot_budget(budget, title=name), "all_optical_cascade.png")
