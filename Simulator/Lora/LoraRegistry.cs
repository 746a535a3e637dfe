using LlmdAspire.Serving.OpenAi;

namespace LlmdAspire.Simulator.Lora;

/// <summary>The adapters of one engine.</summary>
/// <remarks>Thread-safe; readers see one moment's list.</remarks>
internal sealed class LoraRegistry
{
    // vLLM has no such bound; here it keeps a client in a loop from filling the memory.
    private const int MostAdapters = 4096;

    private readonly Lock _lock = new();
    private volatile LoraAdapter[] _all = [];
    private int _lastId;

    public LoraRegistry(IEnumerable<LoraModule> modules)
    {
        foreach (var module in modules)
        {
            _ = Add(module.Name, module.Path, module.BaseModel, inPlace: true);
        }
    }

    /// <summary>Every adapter, in the order of loading.</summary>
    public IReadOnlyList<LoraAdapter> All => _all;

    public LoraAdapter? Find(string? name) => name is null ? null : Array.Find(_all, adapter => adapter.Name == name);

    /// <summary>Loads an adapter, or tells vLLM's error.</summary>
    /// <param name="inPlace">Whether one of this name may be there already and be replaced.</param>
    public OpenAiError? Add(string name, string path, string? parent, bool inPlace)
    {
        lock (_lock)
        {
            var old = Find(name);
            if (old is not null && !inPlace)
            {
                return InvalidInput($"The lora adapter '{name}' has already been loaded. If you want to load the adapter in place, set 'load_inplace' to True.");
            }

            if (old is null && _all.Length == MostAdapters)
            {
                return InvalidInput($"{MostAdapters} lora adapters are loaded; unload one first.");
            }

            var loaded = new LoraAdapter(name, path, old?.Id ?? ++_lastId, parent);
            _all = old is null ? [.. _all, loaded] : [.. _all.Select(adapter => adapter == old ? loaded : adapter)];
            return null;
        }
    }

    /// <summary>Unloads an adapter, or tells vLLM's error. Requests that use it run to their end.</summary>
    public OpenAiError? Remove(string name)
    {
        lock (_lock)
        {
            if (Find(name) is not { } old)
            {
                return new OpenAiError(404, "NotFoundError", $"The lora adapter '{name}' cannot be found.");
            }

            _all = [.. _all.Where(adapter => adapter != old)];
            return null;
        }
    }

    /// <summary>vLLM's error for a wrong wish.</summary>
    public static OpenAiError InvalidInput(string message) => new(400, "InvalidUserInput", message);
}
