using LlmdAspire.Dashboard.Tests.Why;

namespace LlmdAspire.Dashboard.Tests.Fakes;

/// <summary>Two decode engines that the Router lists, and a prefill engine that only the picker knows.</summary>
internal sealed class PickedStack : IAsyncDisposable
{
    private FakeEngine _prefill = null!;

    public Stack Stack { get; private set; } = null!;

    public FakePicker Picker { get; private set; } = null!;

    public string Prefill0 => _prefill.Url;

    public string Decode0 => Stack.Engines[0].Url;

    public string Decode1 => Stack.Engines[1].Url;

    public async Task StartAsync(params string[] flags)
    {
        _prefill = await FakeEngine.StartAsync();
        Picker = await FakePicker.StartAsync((_prefill.Url, "prefill-0", "prefill"));
        Stack = await Stack.StartAsync(engines: 2, flags: ["--epp-metrics", Picker.Url, .. flags]);
        Picker.Engines.Add((Decode0, "decode-0", "decode"));
        Picker.Engines.Add((Decode1, "decode-1", "decode"));
        await Stack.UntilStateAsync(state => state.GetProperty("engines").EnumerateArray().Count(engine => engine.GetProperty("name").ValueKind != System.Text.Json.JsonValueKind.Null) == 3);
    }

    /// <summary>The picker sends a request to decode-1, which holds all of it that can be used.</summary>
    public void Decide(string requestId) =>
        Picker.Decided(Decisions.Json((0, 1984), (1, 1), "skipped", id: requestId, decode0: Decode0, decode1: Decode1, prefill0: Prefill0));

    public async ValueTask DisposeAsync()
    {
        await Stack.DisposeAsync();
        await Picker.DisposeAsync();
        await _prefill.DisposeAsync();
    }
}
