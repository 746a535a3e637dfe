using LlmdAspire.ServiceDefaults.Draining;

namespace LlmdAspire.Router.Sidecar;

/// <summary>Ends the streams that pass when the sidecar's drain is over.</summary>
internal sealed class PassedStreams : IDisposable
{
    private readonly CancellationTokenSource _cut = new();

    public PassedStreams(DrainDeadline deadline) => deadline.Passed += _cut.Cancel;

    public CancellationToken WhenCut => _cut.Token;

    public void Dispose() => _cut.Dispose();
}
