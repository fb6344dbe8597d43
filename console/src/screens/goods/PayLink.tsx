import { Typography } from "antd";
import { useSay } from "../../words";

/** The link by which a donor pays the order that was taken on the telephone: sent to her, or read out. */
export function PayLink({ address }: { address: string }) {
  const say = useSay();
  return (
    <section className="section">
      <h3>{say("calls.pay_link")}</h3>
      <p><Typography.Text copyable code style={{ wordBreak: "break-all" }} data-pay-link>{address}</Typography.Text></p>
      <p className="mute">{say("calls.pay_link_hint")}</p>
    </section>
  );
}
