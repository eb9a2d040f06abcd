/** Packages of this project that bring an integration, so that an error can name the one to install. */
const packages: Readonly<
  Record<
    string,
    { readonly integration: string; readonly flavors: readonly string[]; readonly classes?: readonly string[] }
  >
> = {
  "@tenon/plugin-local": { integration: "local", flavors: ["local", "filesystem", "sqlite"] },
  "@tenon/plugin-gcp": { integration: "gcp", flavors: ["gcs", "cloud-sql", "vertex"] },
  "@tenon/plugin-aws": { integration: "aws", flavors: ["s3", "sagemaker"] },
  "@tenon/plugin-azure": { integration: "azure", flavors: ["blob"] },
  "@tenon/plugin-sql": { integration: "sql", flavors: ["mysql", "postgres"] },
  "@tenon/plugin-arrow": { integration: "arrow", flavors: [], classes: ["Table"] },
  "@tenon/ml": { integration: "ml", flavors: [], classes: ["FittedTransform", "LinearModel"] },
  "@tenon/plugin-slurm": { integration: "slurm", flavors: ["slurm"] },
  "@tenon/plugin-tensorflow": {
    integration: "tensorflow",
    flavors: [],
    classes: ["Tensor", "LayersModel", "Sequential", "GraphModel", "Dataset"],
  },
};

/** The package that has what is looked for, if it is one of this project's. */
export function packageThatHas(wanted: {
  readonly integration?: string;
  readonly flavor?: string;
  /** An artifact type: `tensorflow/LayersModel`. */
  readonly type?: string;
  /** Names of a value's class and its ancestors. */
  readonly classes?: readonly string[];
}): string | undefined {
  const prefix = wanted.type?.includes("/") ? wanted.type.split("/")[0] : undefined;
  const [integration, flavor] = wanted.flavor?.includes("/") ? wanted.flavor.split("/") : [undefined, wanted.flavor];
  const names = [wanted.integration, prefix, integration].filter((name) => name !== undefined);
  return Object.keys(packages).find((name) => {
    const known = packages[name];
    return (
      known !== undefined &&
      (names.includes(known.integration) ||
        (flavor !== undefined && known.flavors.includes(flavor)) ||
        (wanted.classes ?? []).some((one) => known.classes?.includes(one)))
    );
  });
}
