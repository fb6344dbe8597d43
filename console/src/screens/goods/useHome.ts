import { useSession } from "../../api/session";
import { useUnits } from "../../ui/units";

/** The unit whose goods are shown: the one in the address, or the first that this person has a role in. */
export function useHome(chosen: string | undefined) {
  const units = useUnits();
  const { roles } = useSession().user;
  const mine = [...new Set(roles.map((role) => role.unit))];
  const below = (id: string): boolean => {
    const unit = units.find(id);
    return unit !== undefined && (mine.includes(id) || (unit.parent ? below(unit.parent) : false));
  };
  return { unit: chosen ?? mine[0] ?? "", options: units.options.filter((option) => below(option.value)) };
}
