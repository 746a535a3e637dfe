using LlmdAspire.Bench.CommandLine;
using LlmdAspire.Bench.Tests.Runs;

namespace LlmdAspire.Bench.Tests.CommandLine;

public sealed class MistakeTests
{
    [Theory]
    [InlineData("serve --prot 1", "bench: --prot is not an option; did you mean --port? --help lists the options.")]
    [InlineData("serve --num-prompts many", "bench: --num-prompts is 'many'; it must be a whole number.")]
    [InlineData("serve --num-prompts 0", "bench: --num-prompts is '0'; it must be at least 1.")]
    [InlineData("serve --backend openai-embeddings", "bench: --backend is 'openai-embeddings'; it must be one of vllm, openai, openai-chat.")]
    [InlineData("serve --dataset-name hf", "bench: --dataset-name is 'hf'; it must be one of random, sharegpt, prefix_repetition, shared_prefix, multi_turn, custom.")]
    [InlineData("serve --dataset-name sharegpt", "bench: --dataset-path is missing; --dataset-name sharegpt reads a file.")]
    [InlineData("serve --dataset-path x.json", "bench: --dataset-path is 'x.json', but --dataset-name random reads no file; name sharegpt or custom.")]
    [InlineData("serve --endpoint /v1/chat/completions", "bench: --endpoint is '/v1/chat/completions', which is not a path of --backend openai; leave it out for /v1/completions.")]
    [InlineData("serve --request-rate 0", "bench: --request-rate is '0'; it must be a number above 0, or inf.")]
    [InlineData("serve --ramp-up-strategy linear", "bench: --ramp-up-strategy needs --ramp-up-start-rps and --ramp-up-end-rps.")]
    [InlineData("serve --ramp-up-start-rps 1", "bench: --ramp-up-strategy is missing; --ramp-up-start-rps and --ramp-up-end-rps need it to be linear or exponential.")]
    [InlineData("serve --goodput tft:1", "bench: --goodput is 'tft:1'; it names 'tft', which is none of ttft, tpot and e2el.")]
    [InlineData("serve --percentile-metrics ttft,foo", "bench: --percentile-metrics is 'ttft,foo'; it names 'foo', which is none of ttft, tpot, itl, e2el.")]
    [InlineData("serve --metric-percentiles 101", "bench: --metric-percentiles is '101'; it must be numbers from 0 to 100 with commas between them.")]
    [InlineData("serve --extra-body [1]", "bench: --extra-body is '[1]'; it must be a JSON object such as {\"min_tokens\":10}.")]
    [InlineData("serve --metadata x", "bench: --metadata is 'x'; it must be pairs such as KEY=VALUE.")]
    [InlineData("serve --probe-request-rate 0 --random-batch-size 1 --chat-template-kwargs {} --port x", "bench: --port is 'x'; it must be a whole number.")]
    [InlineData("serve --probe-request-rate 1", "bench: --probe-request-rate is '1'; it asks for probe requests, which are not supported yet; leave it out.")]
    [InlineData("serve --no-stream", "bench: --no-stream is ''; it asks for answers that are not streamed, which are not supported yet; leave it out.")]
    [InlineData("serve --use-beam-search", "bench: --use-beam-search is ''; it asks for answers by beam search, which are not supported yet; leave it out.")]
    [InlineData("serve --random-batch-size 2", "bench: --random-batch-size is '2'; it asks for batches of prompts, which are not supported yet; leave it out.")]
    [InlineData("serve --chat-template-kwargs {\"x\":1}", "bench: --chat-template-kwargs is '{\"x\":1}'; it asks for arguments of the chat template, which are not supported yet; leave it out.")]
    [InlineData("compare --targets a=http://127.0.0.1:1 b=http://127.0.0.1:2 a=http://127.0.0.1:3", "bench: --targets names 'a' more than once; give each server a name of its own.")]
    [InlineData("serve --tokenizer some/tokenizer.json", "bench: --tokenizer is 'some/tokenizer.json'; it cannot be used: there is no such file; give builtin, or the path of a tokenizer.json.")]
    [InlineData("compare", "bench: --targets or --results must name at least two; for example --targets base=http://127.0.0.1:8000 new=http://127.0.0.1:8001.")]
    [InlineData("sweep --save-result --result-filename x.json", "bench: --result-filename names one file for several runs; add --append-result for a result a line, or leave the name out.")]
    [InlineData("plot", "bench: --results is missing; name the files that --save-result wrote.")]
    [InlineData("plot nowhere.json", "bench: nowhere.json cannot be read: ")]
    [InlineData("plan", "bench: plan is not supported yet; serve, sweep, compare, plot, self-check are.")]
    [InlineData("replay --x", "bench: replay is not supported yet; serve, sweep, compare, plot, self-check are.")]
    [InlineData("", "bench: a verb is missing; it must be one of serve, sweep, compare, plot, self-check, and --help tells what they do.")]
    [InlineData("serv", "bench: 'serv' is not a verb; it must be one of serve, sweep, compare, plot, self-check.")]
    public async Task WrongUsage_IsOneLineAndEndsWithTwo(string line, string message)
    {
        var run = await BenchTool.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith(message, Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "Usage: bench VERB")]
    [InlineData("serve --help", "--random-input-len")]
    [InlineData("--version", "bench 0.1.0")]
    public async Task Help_EndsWithZero(string line, string part)
    {
        var run = await BenchTool.RunAsync(line.Split(' '));

        Assert.Equal(0, run.ExitCode);
        Assert.Contains(part, run.Output, StringComparison.Ordinal);
    }

    /// <summary>Every flag of vllm bench serve that the project knows of is either meant here or said to be meaningless.</summary>
    [Theory]
    [InlineData("--backend vllm --host h --port 1 --base-url http://h --endpoint /v1/completions --header a=b --max-concurrency 1 --model m --served-model-name n --insecure")]
    [InlineData("--tokenizer m --tokenizer-mode auto --trust-remote-code --skip-tokenizer-init --plot-timeline --timeline-itl-thresholds 25,50 --plot-dataset-stats")]
    [InlineData("--request-rate inf --burstiness 1.0 --num-prompts 1 --seed 0 --input-len 1 --output-len 1 --num-warmups 0 --ready-check-timeout-sec 0 --ignore-eos --logprobs 1 --profile --disable-tqdm")]
    [InlineData("--temperature 0 --top-p 1 --top-k 1 --min-p 0 --frequency-penalty 0 --presence-penalty 0 --repetition-penalty 1 --extra-body {} --request-id-prefix x --lora-modules a b --lora-assignment round-robin")]
    [InlineData("--percentile-metrics ttft --metric-percentiles 99 --goodput ttft:1 tpot:1 e2el:1 --save-result --save-detailed --append-result --result-dir d --result-filename f --label l --metadata a=b c=d")]
    [InlineData("--ramp-up-strategy linear --ramp-up-start-rps 1 --ramp-up-end-rps 2 --no-oversample --skip-chat-template --disable-shuffle --enable-multimodal-chat")]
    [InlineData("--dataset-name random --random-input-len 1 --random-output-len 1 --random-range-ratio 0.0 --random-prefix-len 0")]
    [InlineData("--dataset-name prefix_repetition --prefix-repetition-prefix-len 1 --prefix-repetition-suffix-len 1 --prefix-repetition-num-prefixes 1 --prefix-repetition-output-len 1")]
    [InlineData("--dataset-name sharegpt --dataset-path p --sharegpt-output-len 1 --sonnet-input-len 1 --hf-subset s --hf-name n --spec-bench-category c --custom-output-len 1 --random_input_len 5")]
    public void FlagsOfVllm_AreKnown(string line) => Assert.Null(new ServeFlags().Read(line.Split(' ')));
}
