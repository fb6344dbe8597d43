import { Button, Tooltip } from "antd";
import type { ButtonProps } from "antd";

export * from "./base";

/** A button that, when it cannot be pressed, says why. */
export function Act({ why, ...button }: ButtonProps & { why?: string | null }) {
  if (!why) return <Button {...button} />;
  return (
    <Tooltip title={why}>
      <Button {...button} disabled aria-description={why} />
    </Tooltip>
  );
}
