"""Networks of light: powers and fields in watts through meshes, rings, splitters and amplifiers."""
