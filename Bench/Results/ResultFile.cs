using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.Results;

/// <summary>Where a result goes.</summary>
/// <param name="Folder">Null for the current one.</param>
/// <param name="Name">Null for one made of the benchmark's settings.</param>
/// <param name="Appends">Whether an existing file keeps what it has, a result a line.</param>
/// <param name="IsDetailed">Whether each request is told too.</param>
internal sealed record ResultFile(string? Folder, string? Name, bool Appends, bool IsDetailed)
{
    /// <summary>The path for a result: <c>openai-infqps-concurrency16-Llama-3.1-8B-Instruct-20260131-093015.json</c>.</summary>
    public string PathOf(BenchmarkResult result)
    {
        var rate = result.RampUp is { } rampUp
            ? FormattableString.Invariant($"ramp-up-{rampUp.Strategy}-{rampUp.StartRate}qps-{rampUp.EndRate}qps")
            : $"{PythonNumber.Repr(result.RequestRate)}qps";
        var concurrency = result.MaxConcurrency is null ? "" : FormattableString.Invariant($"-concurrency{result.MaxConcurrency}");
        var name = Name ?? $"{result.Name}-{rate}{concurrency}-{result.ModelId.Split('/')[^1]}-{ResultJson.DateText(result.Date)}.json";
        return Folder is null ? name : Path.Combine(Folder, name);
    }

    /// <summary>Writes a result.</summary>
    /// <returns>The path.</returns>
    /// <exception cref="UsageException">The folder or the file cannot be written.</exception>
    public string Save(BenchmarkResult result)
    {
        var path = PathOf(result);
        try
        {
            if (Folder is not null)
            {
                _ = Directory.CreateDirectory(Folder);
            }

            using var file = new FileStream(path, Appends ? FileMode.Append : FileMode.Create);
            if (file.Position > 0)
            {
                file.Write("\n"u8);
            }

            file.Write(ResultJson.Write(result, IsDetailed).Span);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be written: {e.Message}");
        }
    }
}
