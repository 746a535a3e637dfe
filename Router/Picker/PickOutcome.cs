using LlmdAspire.Router.Requests;

namespace LlmdAspire.Router.Picker;

/// <summary>What asking the picker led to: one of the three.</summary>
/// <param name="Pick">It decided.</param>
/// <param name="Refused">It answers the client itself.</param>
/// <param name="Failed">It gave no usable answer: why, without addresses.</param>
/// <param name="Away">Beyond this request: it cannot be reached, or does not answer in time.</param>
internal readonly record struct PickOutcome(Pick? Pick, RequestFailure? Refused, string? Failed, bool Away = false);
