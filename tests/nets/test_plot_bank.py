"""The figure of a weight bank shows its spectra and the errors of its weights."""

import numpy as np
import pytest

from nets import WeightBank
from nets.plot_bank import spectra_and_weights
from photonic import ParameterError


def test_figure_of_a_weight_bank():
    wanted = np.array([[0.5, -0.5, 0.1]])
    bank = WeightBank.from_weights(wanted)
    figure = spectra_and_weights(
        bank, wanted, {"alone": bank.programmed(wanted, corrected=False), "set": bank}
    )
    above, below = figure.axes
    drop = next(line for line in above.get_lines() if line.get_label() == "drop")
    assert drop.get_ydata() == pytest.approx(bank.spectra(1e-9 * drop.get_xdata()).drop[0], abs=1e-6)
    errors = {line.get_label(): line.get_ydata() for line in below.get_lines()}
    assert errors["set"] == pytest.approx(np.zeros(3), abs=1e-6)
    assert np.max(abs(errors["alone"])) > 1e-3
    with pytest.raises(ParameterError, match=r"wanted must be of shape \(1, 3\)"):
        spectra_and_weights(bank, [[0.5, 0.1]], {"set": bank})
    with pytest.raises(ParameterError, match="banks must name at least one bank"):
        spectra_and_weights(bank, wanted, {})
    other = WeightBank.from_weights([[0.5, -0.5]])
    with pytest.raises(ParameterError, match=r"banks\['other'\] must have 1 outputs of 3 channels"):
        spectra_and_weights(bank, wanted, {"other": other})
    with pytest.raises(ParameterError, match=r"banks\['set'\] must be a WeightBank, got list"):
        spectra_and_weights(bank, wanted, {"set": [0.5]})
    with pytest.raises(ParameterError, match="banks must be a Mapping, got WeightBank"):
        spectra_and_weights(bank, wanted, bank)
    for output in (1, -1, 0.5, True):
        with pytest.raises(ParameterError, match=r"output must be a whole number in \[0, 0\]"):
            spectra_and_weights(bank, wanted, {"set": bank}, output)
