using LlmdAspire.Router.Sidecar;

namespace LlmdAspire.Router;

internal sealed partial class RouterFlags
{
    private const string ByPicker = "is not supported: this router watches no pods; ask a picker that does with --epp, or list engines with --worker-urls or POST /workers";
    private const string NoWasm = "is not supported: there are no WASM plugins; filter in the gateway before this router, and leave it out";
    private const string NoPrograms = "is not supported: requests are not scheduled by the program they belong to; leave it out";

    protected override string? WhyRefused(string name) => WhyPolicyFlagRefused(name) ?? name switch
    {
        "--service-discovery" or "--selector" or "--prefill-selector" or "--decode-selector" or "--service-discovery-port" or "--service-discovery-namespace" => ByPicker,
        "--vllm-discovery-address" => "is not supported: engines do not announce themselves over ZMQ here; list them with --prefill and --decode, or POST /workers",
        "--extra-generate-paths" => "is not needed: paths that are unknown here go to an engine with --transparent-proxy on; leave it out",
        "--epd-config" => "is not supported: there is no encoder stage; leave it out",
        "--enable-igw" => "is not needed: requests go to the workers that serve their model; leave it out",
        "--profile" => "is not supported: send POST /start_profile and /stop_profile to an engine instead",
        "--log-dir" => "is not supported: the log goes to standard output; send that to a file, or give --otlp-endpoint",
        "--otel-excluded-paths" => "is not supported: probes leave no spans, and others can be dropped by the collector; leave it out",
        "--mini-lb" => "is not supported: it is vllm-router's debugging balancer; leave it out",
        "--wasm-middleware" or "--wasm-middleware-sha256" or "--wasm-middleware-route" => NoWasm,
        "--enable-program-scheduling" or "--program-scheduling-config-json" => NoPrograms,
        _ when new SidecarFlags().Defines(name) => "belongs to --mode sidecar; add that, or leave it out",
        _ => null,
    };
}
