/**
 * What Shopify's webhooks send: the examples of https://shopify.dev/docs/api/webhooks ("List of topics"), with the members that templates of object
 * types look at, and some that they do not. Ids are larger than a double can hold, as they are there.
 */

export const CUSTOMER = `{
  "id": 706405506930370084, "email": "bob@biller.com", "created_at": "2021-12-31T19:00:00-05:00", "updated_at": "2021-12-31T19:00:00-05:00",
  "first_name": "Bob", "last_name": "Biller", "orders_count": 0, "state": "disabled", "total_spent": "0.00", "last_order_id": null,
  "note": "This customer loves ice cream", "verified_email": true, "multipass_identifier": null, "tax_exempt": false, "tags": "",
  "currency": "USD", "phone": "+1 555 555 0111", "addresses": [], "tax_exemptions": [],
  "default_address": {
    "id": 12321, "customer_id": 706405506930370084, "first_name": "Bob", "last_name": "Biller", "company": null, "address1": "151 O'Connor Street",
    "address2": null, "city": "Ottawa", "province": "ON", "country": "CA", "zip": "K2P 2L8", "phone": "555-555-5555", "default": true
  },
  "admin_graphql_api_id": "gid://shopify/Customer/706405506930370084"
}`;

const ADDRESSES = `
  "billing_address": {
    "first_name": "Steve", "address1": "123 Shipping Street", "phone": "555-555-SHIP", "city": "Shippington", "zip": "40003", "province": "Kentucky",
    "country": "United States", "last_name": "Shipper", "address2": null, "company": "Shipping Company", "latitude": null, "longitude": null,
    "name": "Steve Shipper", "country_code": "US", "province_code": "KY"
  },
  "shipping_address": {
    "first_name": "Steve", "address1": "123 Shipping Street", "phone": "555-555-SHIP", "city": "Shippington", "zip": "40003", "province": "Kentucky",
    "country": "United States", "last_name": "Shipper", "address2": null, "company": "Shipping Company", "name": "Steve Shipper"
  }`;

const LINE_ITEMS = `
  "line_items": [
    {"id": 866550311766439020, "current_quantity": 1, "fulfillable_quantity": 1, "grams": 567, "name": "IPod Nano - 8GB", "price": "199.00",
     "product_id": 632910392, "quantity": 1, "requires_shipping": true, "sku": "IPOD2008PINK", "title": "IPod Nano - 8GB", "variant_id": 808950810},
    {"id": 141249953214522974, "current_quantity": 2, "fulfillable_quantity": 2, "grams": 567, "name": "Aviator sunglasses", "price": "89.99",
     "product_id": 632910392, "quantity": 2, "requires_shipping": true, "sku": null, "title": "Aviator sunglasses", "variant_id": 808950810}
  ]`;

/** An order of the customer, as it is when it has been created. */
export const ORDER: string = `{
  "id": 820982911946154508, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508", "app_id": null, "browser_ip": null,
  "buyer_accepts_marketing": true, "cancel_reason": null, "cancelled_at": null, "closed_at": null, "confirmed": false,
  "contact_email": "jon@example.com", "created_at": "2021-12-31T19:00:00-05:00", "currency": "USD", "current_total_price": "398.00",
  "email": "jon@example.com", "financial_status": "pending", "fulfillment_status": null, "gateway": "bogus", "name": "#9999", "note": null,
  "note_attributes": [], "number": 234, "order_number": 1234,
  "order_status_url": "https://jsmith.myshopify.com/548380009/orders/123456abcd/authenticate?key=abcdefg", "phone": "+1 555 555 0111",
  "processed_at": "2021-12-31T19:00:00-05:00", "subtotal_price": "388.00", "tags": "tag1, tag2", "test": true, "total_discounts": "20.00",
  "total_line_items_price": "398.00", "total_price": "388.00", "total_tax": "5.00", "total_tip_received": "0.00", "total_weight": 0,
  "total_shipping_price_set": {"shop_money": {"amount": "10.00", "currency_code": "USD"}, "presentment_money": {"amount": "10.00", "currency_code": "USD"}},
  "updated_at": "2021-12-31T19:00:00-05:00", "payment_details": {"credit_card_number": "•••• •••• •••• 4242", "credit_card_company": "Visa"},
  "customer": {"id": 706405506930370084, "email": "bob@biller.com", "first_name": "Bob", "last_name": "Biller"},${ADDRESSES},${LINE_ITEMS}
}`;

/** What the order has become, for the topics that follow. */
export function laterOrder(changes: Readonly<Record<string, string | null>>): string {
  let text = ORDER;
  for (const [name, value] of Object.entries(changes)) {
    text = text.replace(new RegExp(`"${name}": ("[^"]*"|null)`), `"${name}": ${JSON.stringify(value)}`);
  }
  return text;
}

export const DRAFT_ORDER: string = `{
  "id": 890612572568261625, "note": "rush order", "email": "bob@biller.com", "taxes_included": false, "currency": "USD",
  "invoice_sent_at": null, "created_at": "2021-12-31T19:00:00-05:00", "updated_at": "2021-12-31T19:00:00-05:00", "tax_exempt": false,
  "completed_at": null, "name": "#D1", "status": "open", "applied_discount": null, "order_id": null, "shipping_line": null, "tags": "",
  "invoice_url": "https://jsmith.myshopify.com/548380009/invoices/ba8dcf6c022ccad3d47e3909e378e33f", "total_price": "379.98", "subtotal_price": "378.98",
  "total_tax": "1.00", "customer": {"id": 706405506930370084, "email": "bob@biller.com"},${ADDRESSES},${LINE_ITEMS}
}`;
