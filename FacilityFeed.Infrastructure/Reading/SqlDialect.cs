namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The few words in which the engines differ where everything else of a statement is the same.</summary>
/// <param name="Number">An integer expression, as the 64-bit number it is read as.</param>
/// <param name="Text">An expression, as text.</param>
/// <param name="Parameter">The nth parameter, from 1.</param>
/// <param name="Function">The name of one of the engine's own functions, such that nobody else's is meant.</param>
/// <param name="Operator">The same of an operator.</param>
internal sealed record SqlDialect(Func<string, string> Number, Func<string, string> Text, Func<int, string> Parameter, Func<string, string> Function, Func<string, string> Operator);
