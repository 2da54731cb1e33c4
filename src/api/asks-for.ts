import { type GraphQLResolveInfo, Kind, type SelectionNode, type SelectionSetNode } from 'graphql';

/**
 * Whether a field of this name is asked for right below the field that is being resolved, in fragments included. Directives are
 * not looked at: a field that `@skip` leaves out counts as asked for.
 */
export function asksFor(info: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>, name: string): boolean {
  return info.fieldNodes.some(({ selectionSet }) => selects(selectionSet, name, info));
}

function selects(
  selectionSet: SelectionSetNode | undefined,
  name: string,
  info: Pick<GraphQLResolveInfo, 'fragments'>,
): boolean {
  const isMeant = (selection: SelectionNode): boolean => {
    if (selection.kind === Kind.FIELD) return selection.name.value === name;
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection;
    return selects(fragment?.selectionSet, name, info);
  };
  return selectionSet?.selections.some(isMeant) ?? false;
}
