"""How much free carriers change silicon: index and loss against density, two published laws."""

import numpy as np

from photonic import plot, silicon, units


@plot.styled
def figure(density, change, loss):
    drawn = plot.new_figure(6.6, 3.0)
    left, right = drawn.subplots(1, 2)
    for colour, (name, values) in zip(plot.CYCLE, change.items(), strict=False):
        left.loglog(density, -values, color=colour, label=name)
        right.loglog(density, units.loss_to_db_per_cm(loss[name]), color=colour, label=name)
    left.set_ylabel("−Δn [1]")
    right.set_ylabel("added loss [dB/cm]")
    for axes in (left, right):
        axes.set_xlabel("electron–hole pairs [1/m³]")
    left.legend()
    return drawn


laws = {"Nedeljkovic 2011": silicon.NEDELJKOVIC_2011, "Soref, Bennett 1987": silicon.SOREF_BENNETT_1987}
density = np.geomspace(1e21, 1e25, 81)  # 1e15 to 1e19 per cm³
change = {name: silicon.index_change(density, density, 1.55e-6, law=law) for name, law in laws.items()}
loss = {name: silicon.absorption_change(density, density, 1.55e-6, law=law) for name, law in laws.items()}
for name in laws:
    at = np.searchsorted(density, 1e23)
    print(
        f"{name:<20} at {density[at]:.1e} pairs/m³: Δn = {change[name][at]:.2e}, Δα = {loss[name][at]:.0f} /m"
    )
plot.save(figure(density, change, loss), "index_change_of_silicon.png")
