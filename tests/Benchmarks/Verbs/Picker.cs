using LlmdAspire.Benchmarks.Inputs;

namespace LlmdAspire.Benchmarks.Verbs;

/// <summary>The other process of <see cref="Picks"/>: a picker with its endpoints. Writes its address, then runs until its input ends.</summary>
internal static class Picker
{
    public static async Task<int> RunAsync()
    {
        await using var picker = await PickerService.StartAsync();
        Console.WriteLine(picker.Address);
        _ = await Console.In.ReadToEndAsync();
        return 0;
    }
}
