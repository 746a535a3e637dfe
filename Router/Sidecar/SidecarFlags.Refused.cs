namespace LlmdAspire.Router.Sidecar;

internal sealed partial class SidecarFlags
{
    private const string ByNixlOnly = "is not supported yet: blocks travel by NIXL only, so leave it out";

    protected override string? WhyRefused(string name) => name switch
    {
        "--ec-connector" => "is not supported yet: there is no encoder stage, so leave it out",
        "--decode-chunk-size" => "is not supported yet: answers are generated in one piece, so leave it out",
        "--mooncake-bootstrap-port" or "--p2p-connector-port" or "--enable-p2p-pull" => ByNixlOnly,
        "--inference-pool" or "--pool-group" or "--inference-pool-name" or "--inference-pool-namespace" =>
            "is not supported yet: no pool is watched; list the hosts with --allowed-prefillers",
        "--cert-path" => "is not supported yet: --port speaks plain HTTP; leave encryption to a mesh",
        "--configuration" or "--configuration-file" => "is llm-d's; give these flags as keys of a file with --config FILE",
        "--prefiller-use-tls" => "is the old spelling of --enable-tls prefiller; use that",
        "--decoder-use-tls" => "is the old spelling of --enable-tls decoder; use that",
        "--prefiller-tls-insecure-skip-verify" => "is the old spelling of --tls-insecure-skip-verify prefiller; use that",
        "--decoder-tls-insecure-skip-verify" => "is the old spelling of --tls-insecure-skip-verify decoder; use that",
        _ when name.StartsWith("--moriio-", StringComparison.Ordinal) => ByNixlOnly,
        _ when new RouterFlags().Defines(name) => "is not for --mode sidecar, which sends everything to the engine of its pod; leave it out",
        _ => null,
    };
}
