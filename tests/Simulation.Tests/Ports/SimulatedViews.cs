using System.Collections.Concurrent;
using System.Reflection;
using ArtifactStore.Simulation.Tests.Scheduling;

namespace ArtifactStore.Simulation.Tests.Ports;

/// <summary>
/// Questions of one node: each is a point at which others go on, and an answer is old when it arrives. Lists may be older still: the answer that
/// the same question got before.
/// </summary>
public class SimulatedViews<TViews> : DispatchProxy where TViews : class
{
    private const int StaleOf256 = 24;

    private static readonly ConcurrentDictionary<Type, MethodInfo> s_asked = [];
    private static readonly MethodInfo s_ask = typeof(SimulatedViews<TViews>).GetMethod(nameof(Ask), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private readonly Dictionary<string, object> _before = [];
    private TViews _inner = null!;
    private Machine _machine = null!;
    private SimulatedNode _node = null!;
    private bool _stale;

    internal static TViews Over(TViews inner, Machine machine, SimulatedNode node, bool stale)
    {
        var views = Create<TViews, SimulatedViews<TViews>>();
        var proxy = (SimulatedViews<TViews>)(object)views;
        (proxy._inner, proxy._machine, proxy._node, proxy._stale) = (inner, machine, node, stale);
        return views;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => s_asked
        .GetOrAdd(targetMethod!.ReturnType.GetGenericArguments()[0], static answer => s_ask.MakeGenericMethod(answer))
        .Invoke(this, [targetMethod, args]);

    private Task<T> Ask<T>(MethodInfo question, object?[] args) => _machine.Reach(_node, question.Name, () =>
    {
        if (!_stale || !typeof(T).IsGenericType) return (Task<T>)question.Invoke(_inner, args)!;
        var asked = $"{question.Name} {string.Join(' ', args.Where(arg => arg is not CancellationToken))}";
        if (_before.TryGetValue(asked, out var before) && _machine.Chance(StaleOf256)) return (Task<T>)before;
        var answer = (Task<T>)question.Invoke(_inner, args)!;
        _before[asked] = answer;
        return answer;
    });
}
