using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Bench.Datasets;

/// <summary>Opens the file of <c>--dataset-path</c>.</summary>
internal static class DatasetFile
{
    /// <exception cref="UsageException">It cannot be opened.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--dataset-path is '{path}', which cannot be read: {e.Message}");
        }
    }
}
