namespace LlmdAspire.Router.Picker;

/// <summary>Which endpoint picker decides, and what happens without it.</summary>
/// <param name="Address"><c>http</c> for plain HTTP/2, <c>https</c> for TLS with any certificate: pickers sign their own.</param>
/// <param name="Timeout">The longest wait for a decision.</param>
/// <param name="FailOpen">Without a decision the least-loaded worker serves; else the client gets 503.</param>
internal sealed record PickerOptions(Uri Address, TimeSpan Timeout, bool FailOpen);
